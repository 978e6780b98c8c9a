/// Where an instance gets notices about its end.
package protocol NoticeSource: Sendable {
    /// The current notice. An error means that the source is unknown, not that there is a notice.
    func notices() async throws(PortError) -> [Notice]
}

/// A notice by EC2 or Auto Scaling about the end of an instance.
package enum Notice: Hashable, Sendable {
    /// EC2 takes the Spot instance back at `deadline`.
    case interruption(Interruption.Cause, deadline: Timestamp)
    /// EC2 sees a raised risk for the instance. Mostly no interruption follows.
    case rebalance(since: Timestamp)
    /// Auto Scaling ends the instance, soon and without a time.
    case termination
}
