package import Farm
internal import FoundationEssentials
package import Logging

/// Auto Scaling's "EC2 Instance Launch Unsuccessful".
package struct RefusalEvent: Hashable, Sendable {
    package let group: String
    package let zone: String
    package let time: Timestamp
    package let message: String

    /// `nil` for an event of another type.
    package init?(json: [UInt8]) throws(EventError) {
        let expected = "an event of Auto Scaling"
        do {
            let decoder = JSONDecoder()
            decoder.dateDecodingStrategy = .iso8601
            let kind = try decoder.decode(Kind.self, from: Data(json)).detailType
            guard kind == "EC2 Instance Launch Unsuccessful" else { return nil }
            let envelope = try decoder.decode(Envelope.self, from: Data(json))
            group = envelope.detail.group
            zone = envelope.detail.place?.zone ?? "any"
            time = Timestamp(
                milliseconds: Int64((envelope.time.timeIntervalSince1970 * 1000).rounded()))
            message = envelope.detail.message ?? "no reason was given"
        } catch {
            throw EventError(expected: expected, problem: "\(error)")
        }
    }

    private struct Kind: Decodable {
        let detailType: String

        enum CodingKeys: String, CodingKey {
            case detailType = "detail-type"
        }
    }

    private struct Envelope: Decodable {
        let time: Date
        let detail: Detail
    }

    private struct Detail: Decodable {
        struct Place: Decodable {
            let zone: String?

            enum CodingKeys: String, CodingKey {
                case zone = "Availability Zone"
            }
        }

        let group: String
        let place: Place?
        let message: String?

        enum CodingKeys: String, CodingKey {
            case group = "AutoScalingGroupName"
            case place = "Details"
            case message = "StatusMessage"
        }
    }
}

/// Notes that a pool had no instance to give, so that it cools and the scaler knows.
package struct RecordCapacityShortage: Sendable {
    private let store: any FleetStore
    private let lifecycle: @Sendable (String) -> WorkerRecord.Lifecycle?
    private let publish: @Sendable ([FleetMetric: Double]) -> Void
    private let log: Logger

    /// - Parameter lifecycle: of the group of that name; `nil` when it is not ours.
    package init(
        store: any FleetStore, publish: @escaping @Sendable ([FleetMetric: Double]) -> Void,
        log: Logger, lifecycle: @escaping @Sendable (String) -> WorkerRecord.Lifecycle?
    ) {
        self.store = store
        self.publish = publish
        self.log = log
        self.lifecycle = lifecycle
    }

    /// `false` when the group is not ours.
    package func handle(_ event: RefusalEvent) async throws(PortError) -> Bool {
        guard let lifecycle = lifecycle(event.group) else {
            log.info("ignored a foreign group", metadata: ["group": "\(event.group)"])
            return false
        }
        try await store.note(
            CapacityShortage(
                lifecycle: lifecycle, zone: event.zone, time: event.time,
                coolingUntil: event.time + CapacityShortage.coolingDuration, message: event.message)
        )
        publish([.launchFailures: 1])
        log.warning(
            "a launch was refused",
            metadata: [
                "group": "\(lifecycle.rawValue)", "zone": "\(event.zone)",
                "reason": "\(event.message)",
            ])
        return true
    }
}
