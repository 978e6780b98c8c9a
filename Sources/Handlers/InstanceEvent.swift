package import Farm

/// An event that an instance ends or may end: EC2's interruption warning, rebalance recommendation
/// or change of state, or Auto Scaling's lifecycle action.
package struct InstanceEvent: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// EC2 takes the Spot instance back.
        case warning(Interruption.Cause)
        /// The risk of an interruption has risen. In most cases no interruption follows.
        case rebalance
        /// Auto Scaling ends the instance and waits until this action is completed.
        case termination(LifecycleAction)
        /// `shutting-down` or `terminated`: the tasks can be requeued, and nothing else can be
        /// done.
        case gone(state: String)
    }

    package let id: String
    package let worker: WorkerID
    package let time: Timestamp
    package let kind: Kind

    /// - Throws: `EventError` when the type is unknown or `detail` lacks a field that the type
    ///   needs.
    package init(_ event: EventBridgeEvent) throws(EventError) {
        let detail = event.detail
        kind = try Self.kind(event.detailType, detail)
        guard let instance = detail.instance ?? detail.groupInstance, !instance.isEmpty else {
            throw EventError(expected: Self.expected, problem: "it names no instance")
        }
        id = event.id
        time = event.time
        worker = WorkerID(instance)
    }

    /// When the machine goes away, or `nil` when the event does not say.
    ///
    /// A warning comes two minutes before the end. Hibernation begins at once ("Spot Instance
    /// interruption notices", EC2 User Guide).
    package var deadline: Timestamp? {
        switch kind {
        case .warning(.spotHibernate): time
        case .warning: time + .seconds(120)
        case .rebalance, .termination, .gone: nil
        }
    }

    private static let expected = "an event about an instance's end"

    private static func kind(
        _ detailType: String, _ detail: EventBridgeEvent.Detail
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
                throw EventError(
                    expected: expected, problem: "its lifecycle action lacks a field")
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
            throw EventError(expected: expected, problem: "its type is \(detailType)")
        }
    }
}
