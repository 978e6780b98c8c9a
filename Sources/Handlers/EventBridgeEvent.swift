package import Farm
internal import FoundationEssentials

/// An event from EventBridge: the envelope that all events share, and every field of `detail` that
/// a handler reads.
///
/// This is the only decoder for events from EventBridge. `FleetEvent` turns an envelope into the
/// event that a handler takes. Source: "Events from AWS services", Amazon EventBridge User Guide.
package struct EventBridgeEvent: Hashable, Sendable {
    package let id: String
    /// The kind of event, for example "EC2 Spot Instance Interruption Warning".
    package let detailType: String
    package let time: Timestamp
    let detail: Detail

    /// - Throws: `EventError` when the bytes are not JSON or lack a field of the envelope.
    package init(json: [UInt8]) throws(EventError) {
        do {
            let decoder = JSONDecoder()
            decoder.dateDecodingStrategy = .iso8601
            let envelope = try decoder.decode(Envelope.self, from: Data(json))
            id = envelope.id
            detailType = envelope.detailType
            time = Timestamp(
                milliseconds: Int64((envelope.time.timeIntervalSince1970 * 1000).rounded()))
            detail = envelope.detail
        } catch {
            throw EventError(expected: "an event from EventBridge", problem: "\(error)")
        }
    }

    private struct Envelope: Decodable {
        let id: String
        let detailType: String
        let time: Date
        let detail: Detail

        enum CodingKeys: String, CodingKey {
            case id, time, detail
            case detailType = "detail-type"
        }
    }

    /// The fields of EC2's and Auto Scaling's events. Each event has some of them.
    ///
    /// The instance is read from here only: resource ARNs in AWS's published samples are malformed.
    struct Detail: Decodable, Hashable, Sendable {
        struct Place: Decodable, Hashable, Sendable {
            let zone: String?

            enum CodingKeys: String, CodingKey {
                case zone = "Availability Zone"
            }
        }

        // EC2
        let instance: String?
        let action: String?
        let state: String?
        // Auto Scaling
        let groupInstance: String?
        let token: String?
        let group: String?
        let hook: String?
        let place: Place?
        let message: String?

        enum CodingKeys: String, CodingKey {
            case state
            case instance = "instance-id"
            case action = "instance-action"
            case groupInstance = "EC2InstanceId"
            case token = "LifecycleActionToken"
            case group = "AutoScalingGroupName"
            case hook = "LifecycleHookName"
            case place = "Details"
            case message = "StatusMessage"
        }
    }
}

/// An event that this function does not handle: a mistake in what invokes the function.
package struct EventError: Error, Hashable, Sendable, CustomStringConvertible {
    package let expected: String
    package let problem: String

    package init(expected: String, problem: String) {
        self.expected = expected
        self.problem = problem
    }

    package var description: String {
        "The event is not \(expected) (\(problem)). Check what invokes this function."
    }
}
