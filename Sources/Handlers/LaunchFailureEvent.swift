package import Farm

/// Auto Scaling's event "EC2 Instance Launch Unsuccessful": a group got no instance.
package struct LaunchFailureEvent: Hashable, Sendable {
    static let detailType = "EC2 Instance Launch Unsuccessful"

    package let group: String
    /// The Availability Zone, or "any" when the event names none.
    package let zone: String
    package let time: Timestamp
    /// AWS's reason.
    package let message: String

    package init(_ event: EventBridgeEvent) throws(EventError) {
        let expected = "a failed launch"
        guard event.detailType == Self.detailType else {
            throw EventError(expected: expected, problem: "its type is \(event.detailType)")
        }
        guard let group = event.detail.group else {
            throw EventError(expected: expected, problem: "it names no Auto Scaling group")
        }
        self.group = group
        zone = event.detail.place?.zone ?? "any"
        time = event.time
        message = event.detail.message ?? "AWS gave no reason"
    }
}
