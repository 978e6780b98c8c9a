/// Where an instance hears that it will be taken away.
package protocol NoticeSource: Sendable {
    /// What is announced now. An error means not knowing, which is no notice.
    func notices() async throws(PortError) -> [Notice]
}

/// What EC2 or Auto Scaling tells an instance about its end.
package enum Notice: Hashable, Sendable {
    /// EC2 takes the Spot instance back at `deadline`.
    case interruption(Interruption.Cause, deadline: Timestamp)
    /// EC2 sees a heightened risk for the instance. Far more often nothing comes of it.
    case rebalance(since: Timestamp)
    /// Auto Scaling ends the instance, soon and without a time.
    case termination
}
