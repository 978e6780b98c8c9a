package import Farm
internal import FoundationEssentials

/// What EventBridge tells of an instance's end: EC2's warning and recommendation, Auto Scaling's
/// lifecycle action, EC2's change of state.
///
/// Resource ARNs are malformed in published samples, so the instance is read from `detail` only.
package struct InstanceEvent: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// EC2 takes the Spot instance back.
        case warning(Interruption.Cause)
        /// A heightened risk; mostly nothing comes of it.
        case rebalance
        /// Auto Scaling ends the instance, and waits for an answer.
        case termination(LifecycleAction)
        /// `shutting-down` or `terminated`: too late for anything but the tasks.
        case gone(state: String)
    }

    package let id: String
    package let worker: WorkerID
    package let time: Timestamp
    package let kind: Kind

    package init(json: [UInt8]) throws(EventError) {
        let envelope: Envelope
        do {
            let decoder = JSONDecoder()
            decoder.dateDecodingStrategy = .iso8601
            envelope = try decoder.decode(Envelope.self, from: Data(json))
            id = envelope.id
            time = Timestamp(
                milliseconds: Int64((envelope.time.timeIntervalSince1970 * 1000).rounded()))
        } catch {
            throw EventError(expected: Self.expected, problem: "\(error)")
        }
        let detail = envelope.detail
        guard let instance = detail.instance ?? detail.groupInstance, !instance.isEmpty else {
            throw EventError(expected: Self.expected, problem: "it names no instance")
        }
        worker = WorkerID(instance)
        kind = try Self.kind(envelope.detailType, detail)
    }

    /// When the machine goes away; `nil` when the event has no time for it.
    ///
    /// Two minutes from a warning, but hibernation begins at once ("Spot Instance interruption
    /// notices", EC2 User Guide).
    package var deadline: Timestamp? {
        switch kind {
        case .warning(.spotHibernate): time
        case .warning: time + .seconds(120)
        case .rebalance, .termination, .gone: nil
        }
    }

    private static let expected = "an event of an instance's end"

    private static func kind(
        _ detailType: String, _ detail: Detail
    ) throws(EventError) -> Kind {
        switch detailType {
        case "EC2 Spot Instance Interruption Warning":
            guard let cause = detail.action.flatMap({ Interruption.Cause(action: $0) }) else {
                throw EventError(
                    expected: expected, problem: "its action is \(detail.action ?? "missing")")
            }
            return .warning(cause)
        case "EC2 Instance Rebalance Recommendation":
            return .rebalance
        case "EC2 Instance-terminate Lifecycle Action":
            guard let token = detail.token, let group = detail.group, let hook = detail.hook,
                let instance = detail.groupInstance
            else {
                throw EventError(expected: expected, problem: "its lifecycle action is not whole")
            }
            return .termination(
                LifecycleAction(group: group, hook: hook, token: token, instance: instance))
        case "EC2 Instance State-change Notification":
            guard let state = detail.state, ["shutting-down", "terminated"].contains(state) else {
                throw EventError(
                    expected: expected, problem: "its state is \(detail.state ?? "missing")")
            }
            return .gone(state: state)
        default:
            throw EventError(expected: expected, problem: "it is \(detailType)")
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

    private struct Detail: Decodable {
        let instance: String?
        let action: String?
        let state: String?
        let groupInstance: String?
        let token: String?
        let group: String?
        let hook: String?

        enum CodingKeys: String, CodingKey {
            case state
            case instance = "instance-id"
            case action = "instance-action"
            case groupInstance = "EC2InstanceId"
            case token = "LifecycleActionToken"
            case group = "AutoScalingGroupName"
            case hook = "LifecycleHookName"
        }
    }
}
