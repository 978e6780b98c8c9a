package import Farm

/// The farm's table, queues and buckets, from the environment.
package struct Settings: Hashable, Sendable {
    package let table: String
    package let queueURL: String
    package let highQueueURL: String
    package let onDemandQueueURL: String
    package let deadLetterQueueURL: String
    package let inputBucket: String
    package let outputBucket: String
    /// Workers and the repair pass must use the same terms. Otherwise the repair ends valid leases.
    package let lease: LeaseTerms
    /// How long DynamoDB keeps attempts, workers and notices.
    package let retention: Duration

    package init(environment: [String: String]) throws(SettingsError) {
        var reader = EnvironmentReader(environment)
        table = reader.string("SPOTRENDER_TABLE")
        queueURL = reader.string("SPOTRENDER_QUEUE_URL")
        highQueueURL = reader.string("SPOTRENDER_HIGH_QUEUE_URL")
        onDemandQueueURL = reader.string("SPOTRENDER_ON_DEMAND_QUEUE_URL")
        deadLetterQueueURL = reader.string("SPOTRENDER_DEAD_LETTER_QUEUE_URL")
        inputBucket = reader.string("SPOTRENDER_INPUT_BUCKET")
        outputBucket = reader.string("SPOTRENDER_OUTPUT_BUCKET")
        lease = LeaseTerms(
            lasting: .seconds(reader.count("SPOTRENDER_LEASE_SECONDS", from: 8, else: 120)))
        retention = .days(
            reader.count(
                "SPOTRENDER_RETENTION_DAYS", from: 1, else: FarmTable.usualRetentionDays))
        try reader.finish()
    }
}

/// The fleet's two Auto Scaling groups, from the environment.
package struct GroupSettings: Hashable, Sendable {
    package let spot: String
    package let onDemand: String

    package init(environment: [String: String]) throws(SettingsError) {
        var reader = EnvironmentReader(environment)
        spot = reader.string("SPOTRENDER_SPOT_GROUP")
        onDemand = reader.string("SPOTRENDER_ON_DEMAND_GROUP")
        try reader.finish()
    }

    /// `nil` for any other group.
    package func lifecycle(of group: String) -> WorkerRecord.Lifecycle? {
        WorkerRecord.Lifecycle.allCases.first { name($0) == group }
    }

    package func name(_ lifecycle: WorkerRecord.Lifecycle) -> String {
        switch lifecycle {
        case .spot: spot
        case .onDemand: onDemand
        }
    }
}

/// The settings of the scaler, from the environment.
package struct FleetSettings: Hashable, Sendable {
    package let groups: GroupSettings
    package let policy: ScalingPolicy
    /// The stack's name, a dimension of its metrics.
    package let stack: String

    package init(environment: [String: String]) throws(SettingsError) {
        groups = try GroupSettings(environment: environment)
        var reader = EnvironmentReader(environment)
        stack = reader.string("SPOTRENDER_STACK")
        let unitsMin = reader.count("SPOTRENDER_FLEET_MIN", from: 0)
        let base = reader.count("SPOTRENDER_ON_DEMAND_BASE", from: 0, else: 0)
        let limits = ScalingPolicy.Limits(
            unitsMin: unitsMin, unitsMax: reader.count("SPOTRENDER_FLEET_MAX", from: unitsMin),
            onDemandBase: base,
            onDemandMax: reader.count("SPOTRENDER_ON_DEMAND_MAX", from: base, else: max(2, base)))
        policy = ScalingPolicy(
            turnAround: .seconds(reader.count("SPOTRENDER_TURN_AROUND_SECONDS", from: 1)),
            limits: limits,
            idleGrace: .seconds(reader.count("SPOTRENDER_IDLE_GRACE_SECONDS", from: 0, else: 300)),
            launchWait: .seconds(
                reader.count("SPOTRENDER_LAUNCH_WAIT_SECONDS", from: 0, else: 300)))
        try reader.finish()
    }
}

/// The settings of the interruption handler, from the environment.
package struct NoticeSettings: Hashable, Sendable {
    package let groups: GroupSettings
    /// The stack's name, a dimension of its metrics.
    package let stack: String
    /// The ARN of the SNS topic for notifications.
    package let topic: String

    package init(environment: [String: String]) throws(SettingsError) {
        groups = try GroupSettings(environment: environment)
        var reader = EnvironmentReader(environment)
        stack = reader.string("SPOTRENDER_STACK")
        topic = reader.string("SPOTRENDER_TOPIC")
        try reader.finish()
    }
}

/// All errors in the environment.
package struct SettingsError: Error, Hashable, Sendable, CustomStringConvertible {
    package let missing: [String]
    /// The variables with wrong values, each with the values it may have.
    package let malformed: [String]

    package var description: String {
        var sentences: [String] = []
        if !missing.isEmpty {
            sentences.append("Not set: \(missing.joined(separator: ", ")).")
        }
        sentences += malformed.map { "\($0)." }
        return sentences.joined(separator: " ")
            + " The stack's template sets these variables. Its outputs have the values."
    }
}

/// Collects all errors instead of stopping at the first.
private struct EnvironmentReader {
    private let environment: [String: String]
    private var missing: [String] = []
    private var malformed: [String] = []

    init(_ environment: [String: String]) {
        self.environment = environment
    }

    mutating func string(_ name: String) -> String {
        guard let value = environment[name], !value.isEmpty else {
            missing.append(name)
            return ""
        }
        return value
    }

    mutating func count(_ name: String, from unitsMin: Int) -> Int {
        let text = string(name)
        guard !text.isEmpty else { return unitsMin }
        guard let value = Int(text), value >= unitsMin else {
            malformed.append("\(name)=\(text) is not a whole number of at least \(unitsMin)")
            return unitsMin
        }
        return value
    }

    /// An optional number.
    mutating func count(_ name: String, from unitsMin: Int, else usual: Int) -> Int {
        environment[name, default: ""].isEmpty ? usual : count(name, from: unitsMin)
    }

    func finish() throws(SettingsError) {
        guard missing.isEmpty, malformed.isEmpty else {
            throw SettingsError(missing: missing, malformed: malformed)
        }
    }
}
