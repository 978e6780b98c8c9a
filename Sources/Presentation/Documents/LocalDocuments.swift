package import Farm
internal import FoundationEssentials

/// The local cloud that `spotrender local up` started.
package struct LocalUpDocument: Document, Hashable {
    /// State and logs.
    let folder: String
    /// A shell script that sets the variables for AWS's own tools.
    let environmentFile: String
    let endpoint: String

    package init(folder: String, environmentFile: String, endpoint: String) {
        self.folder = folder
        self.environmentFile = environmentFile
        self.endpoint = endpoint
    }
}

/// What `spotrender local down` ended.
package struct LocalDownDocument: Document, Hashable {
    let folder: String
    let wasUp: Bool
    let isStateDeleted: Bool

    package init(folder: String, wasUp: Bool, isStateDeleted: Bool) {
        self.folder = folder
        self.wasUp = wasUp
        self.isStateDeleted = isStateDeleted
    }
}

/// The interruption that `spotrender local interrupt` began.
package struct LocalInterruptionDocument: Document, Hashable {
    let worker: String
    let method: String
    /// From now until the instance ends.
    let endsAfterSeconds: Int

    package init(worker: String, method: String, endsAfterSeconds: Int) {
        self.worker = worker
        self.method = method
        self.endsAfterSeconds = endsAfterSeconds
    }
}

/// The Spot shortage that `spotrender local refuse` simulates.
package struct LocalShortageDocument: Document, Hashable {
    /// From now on; 0 for none.
    let shortageSeconds: Int

    package init(shortageSeconds: Int) {
        self.shortageSeconds = shortageSeconds
    }
}

/// The instances of the local cloud.
package struct LocalInstancesDocument: Document, Hashable {
    package struct Instance: Encodable, Hashable, Sendable {
        let worker: String
        let zone: String
        let lifecycle: String
        let state: String
        let launched: String
        let processID: Int32?
        let pricePerHourUSD: Decimal?

        package init(
            worker: String, zone: String, isSpot: Bool, state: String, launched: String,
            processID: Int32?, pricePerHour: Money?
        ) {
            self.worker = worker
            self.zone = zone
            lifecycle =
                (isSpot ? WorkerRecord.Lifecycle.spot : WorkerRecord.Lifecycle.onDemand).rawValue
            self.state = state
            self.launched = launched
            self.processID = processID
            pricePerHourUSD = pricePerHour.map { Decimal(usd: $0) }
        }
    }

    let instances: [Instance]
    /// What keeps going wrong.
    let trouble: String?

    package init(_ instances: [Instance], trouble: String?) {
        self.instances = instances
        self.trouble = trouble
    }
}

/// What `spotrender local run` came to.
package struct LocalRunDocument: Document {
    /// What ran, as the local cloud saw it.
    package struct Figures: Sendable {
        package let job: JobID
        package let isDone: Bool
        package let outcome: String
        package let framesDone: Int
        package let wall: Duration
        package let instances: Int
        package let interruptions: Int
        package let tasksHandedOn: Int
        package let failures: Int

        package init(
            job: JobID, isDone: Bool, outcome: String, framesDone: Int, wall: Duration,
            instances: Int, interruptions: Int, tasksHandedOn: Int, failures: Int
        ) {
            self.job = job
            self.isDone = isDone
            self.outcome = outcome
            self.framesDone = framesDone
            self.wall = wall
            self.instances = instances
            self.interruptions = interruptions
            self.tasksHandedOn = tasksHandedOn
            self.failures = failures
        }
    }

    private let job: String
    private let isDone: Bool
    private let outcome: String
    /// Why tasks failed.
    private let reasons: [String]
    private let framesDone: Int
    /// Where the frames are.
    private let folder: String
    private let wallSeconds: Double
    private let instances: Int
    private let interruptions: Int
    private let tasksHandedOn: Int
    private let failures: Int
    private let detection: [ReportDocument.Detection]
    private let report: ReportDocument

    package init(
        _ figures: Figures, folder: String, reasons: [String], detection: DetectionStatistics,
        report: FarmReport
    ) {
        job = figures.job.rawValue
        isDone = figures.isDone
        outcome = figures.outcome
        self.reasons = reasons
        framesDone = figures.framesDone
        self.folder = folder
        wallSeconds = figures.wall.seconds
        instances = figures.instances
        interruptions = figures.interruptions
        tasksHandedOn = figures.tasksHandedOn
        failures = figures.failures
        self.detection = detection.rows.map { ReportDocument.Detection($0) }
        self.report = ReportDocument(report)
    }
}
