import FoundationEssentials

/// The options of `local up`, stored for the Spot emulator.
package struct LocalSettings: Codable, Hashable, Sendable {
    /// The recorded prices are for this instance type and Region.
    package static let instanceType = "c5a.2xlarge"
    package static let region = "us-east-1"
    /// The template's WorkerDiskGiB, so that a local bill has the same disks as a bill from AWS.
    static let diskGiB = 40
    package static let stack = "spotrender"

    /// The project's folder, which contains infra/ and .venv.
    package var project: String
    /// The folder with the packaged functions and the worker.
    package var dist: String
    package var fleetMax: Int
    /// On-Demand instances that run while there is work.
    package var onDemand: Int
    package var turnAroundSeconds: Int
    /// How often the scaler runs. On AWS it runs every minute.
    package var scheduleSeconds: Int
    package var leaseSeconds: Int
    package var idleGraceSeconds: Int
    package var launchWaitSeconds: Int
    /// `nil` for the first `blender` in PATH.
    package var blender: String?
    /// The value of SPOTRENDER_SANDBOX. `nil` for the worker's default.
    package var sandbox: String?
    /// The workers' PATH, which is the PATH of `up`.
    package var path: String

    package init(
        project: String, dist: String, fleetMax: Int, onDemand: Int,
        turnAroundSeconds: Int, scheduleSeconds: Int, leaseSeconds: Int, idleGraceSeconds: Int,
        launchWaitSeconds: Int,
        blender: String?, sandbox: String?, path: String
    ) {
        self.project = project
        self.dist = dist
        self.fleetMax = fleetMax
        self.onDemand = onDemand
        self.turnAroundSeconds = turnAroundSeconds
        self.scheduleSeconds = scheduleSeconds
        self.leaseSeconds = leaseSeconds
        self.idleGraceSeconds = idleGraceSeconds
        self.launchWaitSeconds = launchWaitSeconds
        self.blender = blender
        self.sandbox = sandbox
        self.path = path
    }

    /// At least two, as in the template, so that On-Demand can replace missing Spot capacity.
    var onDemandMax: Int { max(2, onDemand) }

    package var python: String { project + "/.venv/bin/python" }
    package var worker: String { dist + "/render-worker" }
}

/// The stack's outputs, as infra/deploy.py writes them.
package struct StackOutputs: Codable, Hashable, Sendable {
    package let inputBucket: String
    package let outputBucket: String
    package let table: String
    package let queueURL: String
    package let highQueueURL: String
    package let onDemandQueueURL: String
    package let deadLetterQueueURL: String
    package let spotGroup: String
    package let onDemandGroup: String
    package let workerRole: String
    package let notices: String

    enum CodingKeys: String, CodingKey {
        case inputBucket = "InputBucket"
        case outputBucket = "OutputBucket"
        case table = "Table"
        case queueURL = "QueueUrl"
        case highQueueURL = "HighQueueUrl"
        case onDemandQueueURL = "OnDemandQueueUrl"
        case deadLetterQueueURL = "DeadLetterQueueUrl"
        case spotGroup = "SpotGroup"
        case onDemandGroup = "OnDemandGroup"
        case workerRole = "WorkerRole"
        case notices = "Notices"
    }

    /// The variables that functions and workers read.
    package func environment(_ settings: LocalSettings) -> [String: String] {
        [
            "SPOTRENDER_TABLE": table,
            "SPOTRENDER_QUEUE_URL": queueURL,
            "SPOTRENDER_HIGH_QUEUE_URL": highQueueURL,
            "SPOTRENDER_ON_DEMAND_QUEUE_URL": onDemandQueueURL,
            "SPOTRENDER_DEAD_LETTER_QUEUE_URL": deadLetterQueueURL,
            "SPOTRENDER_INPUT_BUCKET": inputBucket,
            "SPOTRENDER_OUTPUT_BUCKET": outputBucket,
            "SPOTRENDER_SPOT_GROUP": spotGroup,
            "SPOTRENDER_ON_DEMAND_GROUP": onDemandGroup,
            "SPOTRENDER_TOPIC": notices,
            "SPOTRENDER_STACK": LocalSettings.stack,
            "SPOTRENDER_FLEET_MIN": "0",
            "SPOTRENDER_FLEET_MAX": String(settings.fleetMax),
            "SPOTRENDER_ON_DEMAND_BASE": String(settings.onDemand),
            "SPOTRENDER_ON_DEMAND_MAX": String(settings.onDemandMax),
            "SPOTRENDER_TURN_AROUND_SECONDS": String(settings.turnAroundSeconds),
            "SPOTRENDER_LEASE_SECONDS": String(settings.leaseSeconds),
            "SPOTRENDER_IDLE_GRACE_SECONDS": String(settings.idleGraceSeconds),
            "SPOTRENDER_LAUNCH_WAIT_SECONDS": String(settings.launchWaitSeconds),
        ]
    }
}
