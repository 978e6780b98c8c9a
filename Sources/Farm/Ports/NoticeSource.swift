/// Where an instance hears that it will be taken away.
package protocol NoticeSource: Sendable {
    /// EC2's notice, or `nil` while there is none. An error means not knowing, which is no notice.
    func notice() async throws(PortError) -> Notice?
}

/// EC2's warning that a Spot instance will be interrupted.
package struct Notice: Hashable, Sendable {
    package let cause: Interruption.Cause
    /// As EC2 wrote it, in UTC: `2026-11-21T08:30:00Z`.
    package let time: String

    package init(cause: Interruption.Cause, time: String) {
        self.cause = cause
        self.time = time
    }
}
