package import Farm

/// What the plane says of itself over its control port.
package struct EmulatorStatus: Codable, Hashable, Sendable {
    package struct Line: Codable, Hashable, Sendable {
        package let id: String
        package let zone: String
        package let isSpot: Bool
        /// `starting`, `running`, `noticed`, `cut`, `leaving`, `stopping` or `ended`.
        package let state: String
        package let launched: String
        package let pid: Int32?
        /// USD an hour.
        package let price: String?

        package init(
            id: String, zone: String, isSpot: Bool = true, state: String, launched: String,
            pid: Int32?, price: String?
        ) {
            self.id = id
            self.zone = zone
            self.isSpot = isSpot
            self.state = state
            self.launched = launched
            self.pid = pid
            self.price = price
        }
    }

    package let instances: [Line]
    /// What keeps going wrong, for people; `nil` when all is well.
    package let trouble: String?

    package init(instances: [Line], trouble: String?) {
        self.instances = instances
        self.trouble = trouble
    }
}

extension DetectionStatistics.Method: Codable {}

/// Take an instance away.
///
/// By `imds` the event gets lost, by `eventbridge` the worker is deaf to its metadata; EC2 itself
/// tells by `both`. `kill` is the end at once and no word before: a crash, or a notice that never
/// came.
package struct InterruptionOrder: Codable, Hashable, Sendable {
    /// `nil` takes the one that runs longest.
    package var instance: String?
    /// From notice to end. EC2's is 120.
    package var afterSeconds: Int
    package var method: DetectionStatistics.Method

    package init(
        instance: String?, afterSeconds: Int = 120, method: DetectionStatistics.Method = .both
    ) {
        self.instance = instance
        self.afterSeconds = afterSeconds
        self.method = method
    }
}

/// Where the plane's process is and listens.
package struct EmulatorRecord: Codable, Hashable, Sendable {
    package let process: ProcessRecord
    package let port: UInt16

    package init(process: ProcessRecord, port: UInt16) {
        self.process = process
        self.port = port
    }
}

extension Instance {
    var stateName: String {
        switch state {
        case .starting: "starting"
        case .running: "running"
        case .noticed: "noticed"
        case .cut: "cut"
        case .leaving: "leaving"
        case .stopping: "stopping"
        case .ended: "ended"
        }
    }
}
