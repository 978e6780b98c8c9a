package import Farm
internal import FoundationEssentials

/// A report's figures. Amounts are exact to the billionth of a dollar.
package struct ReportDocument: Document {
    private let time: String
    private let runs: [Run]
    private let study: [Comparison]
    private let bill: Invoice
    private let kinds: [Kind]
    private let detection: [Detection]
    /// Instance time by what it was used for.
    private let timeUseSeconds: [String: Double]
    /// The share of instance time that rendered frames that are stored.
    private let goodput: Double?
    private let instanceSeconds: Double
    private let interval: Interval?
    /// The rate of interruptions in one sentence.
    private let interruptionNote: String
    private let unknown: Unknown

    package init(_ report: FarmReport) {
        time = Format.time(report.now)
        runs = report.runs.map(Run.init)
        study = report.study.rows.map(Comparison.init)
        bill = Invoice(report.bill)
        kinds = report.kinds.map(Kind.init)
        detection = report.detection.rows.map(Detection.init)
        timeUseSeconds = parts(of: report.time)
        goodput = report.time.goodput
        instanceSeconds = report.instanceTime / .seconds(1)
        interval = report.interval.map {
            Interval(start: Format.time($0.start), end: Format.time($0.end))
        }
        interruptionNote = report.interruptionNote
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
        let file: String
        let isSettled: Bool
        let wallSeconds: Double
        let spotInstances: Int
        let onDemandInstances: Int
        let peakInstances: Int
        let meanInstancesAtWork: Double
        let framesDone: Int
        let measuredFrames: Int
        let blankFrameNumbers: [Int]
        let devices: [String]
        let memoryPeakBytes: Int64?
        let frameMeanSeconds: Double?
        let frameP95Seconds: Double?
        let framesPerHour: Double
        let interruptions: Int
        let requeues: Int
        let failures: Int
        let failuresByClass: [String: Int]
        /// The share of instance time that interruptions cost.
        let waste: Double?
        let timeUseSeconds: [String: Double]
        let phaseSeconds: [String: Double]
        let goodput: Double?
        let bill: Invoice

        init(_ run: RunFigures) {
            job = run.job.rawValue
            file = run.name
            isSettled = run.isSettled
            wallSeconds = run.wall / .seconds(1)
            spotInstances = run.spotInstanceCount
            onDemandInstances = run.onDemandInstanceCount
            peakInstances = run.peakInstances
            meanInstancesAtWork = run.meanInstancesAtWork
            framesDone = run.frameCount
            measuredFrames = run.measuredFrameCount
            blankFrameNumbers = run.blankFrames.numbers
            devices = run.devices
            memoryPeakBytes = run.memoryPeak
            frameMeanSeconds = run.frameMean.map { $0 / .seconds(1) }
            frameP95Seconds = run.frameP95.map { $0 / .seconds(1) }
            framesPerHour = run.framesPerHour
            interruptions = run.interruptionCount
            requeues = run.requeueCount
            failures = run.errors.values.reduce(0, +)
            failuresByClass = Dictionary(
                uniqueKeysWithValues: run.errors.map { ($0.key.rawValue, $0.value) })
            waste = run.waste
            timeUseSeconds = parts(of: run.time)
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
            let seconds: Double
            let costUSD: Decimal
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
                    item: $0.item.rawValue, count: $0.count, seconds: $0.duration / .seconds(1),
                    costUSD: Decimal(usd: $0.amount))
            }
            totalUSD = Decimal(usd: bill.total)
            instancesUSD = Decimal(usd: bill.instances)
            onDemandUSD = Decimal(usd: bill.onDemand)
            saving = bill.saving
            unpricedInstances = bill.unpricedCount
            unlistedInstances = bill.unlistedCount
        }
    }

    private struct Kind: Encodable {
        let by: String
        let name: String
        let instances: Int
        let framesDone: Int
        let frameMeanSeconds: Double?
        let instanceSeconds: Double
        let spotInstanceSeconds: Double
        let interruptions: Int
        let interruptionsPer100SpotInstanceHours: Double?
        let spotCostPerFrameUSD: Decimal?
        let onDemandCostPerFrameUSD: Decimal?

        init(_ row: KindFigures) {
            by = row.kind.rawValue
            name = row.name
            instances = row.instanceCount
            framesDone = row.frameCount
            frameMeanSeconds = row.secondsPerFrame
            instanceSeconds = row.instanceTime / .seconds(1)
            spotInstanceSeconds = row.spotTime / .seconds(1)
            interruptions = row.interruptionCount
            interruptionsPer100SpotInstanceHours = row.interruptionsPer100Hours
            spotCostPerFrameUSD = row.spotPerFrame.map { Decimal(usd: $0) }
            onDemandCostPerFrameUSD = row.onDemandPerFrame.map { Decimal(usd: $0) }
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
