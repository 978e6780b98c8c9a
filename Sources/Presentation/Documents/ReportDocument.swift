package import Farm
internal import FoundationEssentials

/// A report for programs: the same figures as JSON. Amounts are USD to the billionth, times seconds.
package struct ReportDocument: Encodable {
    private let now: String
    private let runs: [Run]
    private let study: [Comparison]
    private let bill: Invoice
    private let kinds: [Kind]
    private let detection: [Detection]
    private let seconds: [String: Double]
    private let goodput: Double?
    private let instanceHours: Double
    private let interval: Interval?
    private let interruptions: String
    private let unknown: Unknown

    package init(_ report: FarmReport) {
        now = report.now.utc
        runs = report.runs.map(Run.init)
        study = report.study.rows.map(Comparison.init)
        bill = Invoice(report.bill)
        kinds = report.kinds.map(Kind.init)
        detection = report.detection.rows.map(Detection.init)
        seconds = parts(of: report.time)
        goodput = report.time.goodput
        instanceHours = report.instanceTime / .seconds(3600)
        interval = report.interval.map { Interval(start: $0.start.utc, end: $0.end.utc) }
        interruptions = report.interruptionNote
        unknown = Unknown(
            runningInstances: report.runningCount, sharedInstances: report.sharedCount,
            unrecordedInstances: report.unrecordedCount,
            unreportedAttempts: report.time.unreportedCount)
    }

    private struct Interval: Encodable {
        let start: String
        let end: String
    }

    private struct Unknown: Encodable {
        let runningInstances: Int
        let sharedInstances: Int
        let unrecordedInstances: Int
        let unreportedAttempts: Int
    }

    private struct Run: Encodable {
        let job: String
        let name: String
        let isSettled: Bool
        let wallSeconds: Double
        let spotInstances: Int
        let onDemandInstances: Int
        let peakInstances: Int
        let meanInstancesAtWork: Double
        let frames: Int
        let blankFrames: [Int]
        let devices: [String]
        let memoryPeakBytes: Int64?
        let frameMeanSeconds: Double?
        let frameP95Seconds: Double?
        let framesPerHour: Double
        let interruptions: Int
        let requeues: Int
        /// Failed attempts by the class of their error.
        let errors: [String: Int]
        let waste: Double?
        let seconds: [String: Double]
        let phaseSeconds: [String: Double]
        let goodput: Double?
        let bill: Invoice

        init(_ run: RunFigures) {
            job = run.job.rawValue
            name = run.name
            isSettled = run.isSettled
            wallSeconds = run.wall / .seconds(1)
            spotInstances = run.spotInstanceCount
            onDemandInstances = run.onDemandInstanceCount
            peakInstances = run.peakInstances
            meanInstancesAtWork = run.meanInstancesAtWork
            frames = run.frameCount
            blankFrames = run.blankFrames.numbers
            devices = run.devices
            memoryPeakBytes = run.memoryPeak
            frameMeanSeconds = run.frameMean.map { $0 / .seconds(1) }
            frameP95Seconds = run.frameP95.map { $0 / .seconds(1) }
            framesPerHour = run.framesPerHour
            interruptions = run.interruptionCount
            requeues = run.requeueCount
            errors = Dictionary(
                uniqueKeysWithValues: run.errors.map { ($0.key.rawValue, $0.value) })
            waste = run.waste
            seconds = parts(of: run.time)
            phaseSeconds = Dictionary(
                uniqueKeysWithValues: AttemptPhases.Phase.allCases.map {
                    ($0.rawValue, run.phases[$0] / .seconds(1))
                })
            goodput = run.time.goodput
            bill = Invoice(run.bill)
        }
    }

    private struct Comparison: Encodable {
        let job: String
        let instances: Int
        let market: String
        let scaleUp: Double
        let efficiency: Double
        let savingAgainstOnDemandRun: Double?

        init(_ row: Study.Row) {
            job = row.run.job.rawValue
            instances = row.run.peakInstances
            market = row.market.rawValue
            scaleUp = row.scaleUp
            efficiency = row.efficiency
            savingAgainstOnDemandRun = row.saving
        }
    }

    private struct Invoice: Encodable {
        struct Line: Encodable {
            let item: String
            let count: Int
            let hours: Double
            let usd: Decimal
        }

        let lines: [Line]
        let totalUSD: Decimal
        let instancesUSD: Decimal
        let onDemandUSD: Decimal
        let saving: Double?
        let unpricedInstances: Int
        let unlistedInstances: Int

        init(_ bill: Bill) {
            lines = bill.lines.map {
                Line(
                    item: $0.item.rawValue, count: $0.count, hours: $0.duration / .seconds(3600),
                    usd: exact($0.amount))
            }
            totalUSD = exact(bill.total)
            instancesUSD = exact(bill.instances)
            onDemandUSD = exact(bill.onDemand)
            saving = bill.saving
            unpricedInstances = bill.unpricedCount
            unlistedInstances = bill.unlistedCount
        }
    }

    private struct Kind: Encodable {
        let by: String
        let name: String
        let instances: Int
        let frames: Int
        let secondsPerFrame: Double?
        let instanceHours: Double
        let spotInstanceHours: Double
        let interruptions: Int
        let interruptionsPer100SpotInstanceHours: Double?
        let spotUSDPerFrame: Decimal?
        let onDemandUSDPerFrame: Decimal?

        init(_ row: KindFigures) {
            by = row.kind.rawValue
            name = row.name
            instances = row.instanceCount
            frames = row.frameCount
            secondsPerFrame = row.secondsPerFrame
            instanceHours = row.instanceTime / .seconds(3600)
            spotInstanceHours = row.spotTime / .seconds(3600)
            interruptions = row.interruptionCount
            interruptionsPer100SpotInstanceHours = row.interruptionsPer100Hours
            spotUSDPerFrame = row.spotPerFrame.map(exact)
            onDemandUSDPerFrame = row.onDemandPerFrame.map(exact)
        }
    }

    package struct Detection: Encodable {
        let method: String
        let instances: Int
        let tasksHandedOn: Int
        let p50Seconds: Double?
        let p95Seconds: Double?
        let p99Seconds: Double?
        let lostSeconds: Double
        let unreportedAttempts: Int
        let framesFinished: Int

        package init(_ row: DetectionStatistics.Row) {
            method = row.method.rawValue
            instances = row.reclaimCount
            tasksHandedOn = row.delays.count
            p50Seconds = row.delay(percentile: 50)?.seconds
            p95Seconds = row.delay(percentile: 95)?.seconds
            p99Seconds = row.delay(percentile: 99)?.seconds
            lostSeconds = row.lost.seconds
            unreportedAttempts = row.unreportedCount
            framesFinished = row.framesFinished
        }
    }
}

private func parts(of time: TimeUse) -> [String: Double] {
    Dictionary(
        uniqueKeysWithValues: TimeUse.Part.allCases.map {
            ($0.rawValue, time[$0] / .seconds(1))
        })
}

/// As a number with all its digits, which a binary fraction could not keep.
private func exact(_ amount: Money) -> Decimal {
    Decimal(amount.nanodollars) / 1_000_000_000
}
