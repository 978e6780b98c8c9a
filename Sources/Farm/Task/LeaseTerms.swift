/// How long a worker may be silent before another worker gets its task.
package struct LeaseTerms: Hashable, Sendable {
    /// Also how long the task's message stays hidden. The lease survives three missed renewals.
    package var duration: Duration
    package var renewalInterval: Duration

    package init(
        duration: Duration = .seconds(120), renewalInterval: Duration = .seconds(30)
    ) {
        precondition(renewalInterval * 2 <= duration, "A lease outlives a missed renewal.")
        self.duration = duration
        self.renewalInterval = renewalInterval
    }

    /// A quarter of the lease: 30 s for the usual 120 s.
    package init(lasting duration: Duration) {
        self.init(duration: duration, renewalInterval: duration / 4)
    }
}
