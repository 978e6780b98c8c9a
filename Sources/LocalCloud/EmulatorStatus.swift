package import Farm

/// The Spot emulator's answer to `GET /instances`.
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
    /// A lasting fault, in a sentence. `nil` if there is none.
    package let trouble: String?

    package init(instances: [Line], trouble: String?) {
        self.instances = instances
        self.trouble = trouble
    }
}

extension DetectionStatistics.Method: Codable {}

/// Asks the Spot emulator to interrupt an instance.
///
/// EC2 gives notice by instance metadata and by event: the method `both`. With `imds` the event is
/// missing, with `eventbridge` the metadata is missing. `kill` ends the instance at once without a
/// notice, as a crash does.
package struct InterruptionOrder: Codable, Hashable, Sendable {
    /// `nil` for the instance that has run longest.
    package var instance: String?
    /// Seconds from the notice to the end. On EC2 these are 120.
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

/// The Spot emulator's process and port.
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
