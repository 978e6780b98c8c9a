/// What the plane says of itself over its control port.
package struct PlaneStatus: Codable, Hashable, Sendable {
    package struct Line: Codable, Hashable, Sendable {
        package let id: String
        package let zone: String
        /// `starting`, `running`, `noticed`, `cut`, `stopping` or `ended`.
        package let state: String
        package let launched: String
        package let pid: Int32?
        /// USD an hour.
        package let price: String?

        package init(
            id: String, zone: String, state: String, launched: String, pid: Int32?, price: String?
        ) {
            self.id = id
            self.zone = zone
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

/// Take an instance away.
package struct InterruptionOrder: Codable, Hashable, Sendable {
    package enum Method: String, Codable, Hashable, Sendable, CaseIterable {
        /// The metadata now, the end later; the event gets lost.
        case imds
        /// The event now, the end later; the worker is deaf to its metadata.
        case eventbridge
        /// As EC2: event and metadata now, the end later.
        case both
        /// The end now and no word before: a crash, or a notice that never came.
        case kill
    }

    /// `nil` takes the one that runs longest.
    package var instance: String?
    /// From notice to end. EC2's is 120.
    package var afterSeconds: Int
    package var method: Method

    package init(instance: String?, afterSeconds: Int = 120, method: Method = .both) {
        self.instance = instance
        self.afterSeconds = afterSeconds
        self.method = method
    }
}

/// Where the plane's process is and listens.
package struct PlaneRecord: Codable, Hashable, Sendable {
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
        case .stopping: "stopping"
        case .ended: "ended"
        }
    }
}
