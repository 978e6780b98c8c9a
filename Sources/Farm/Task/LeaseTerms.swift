/// How long a worker may be silent before its task is given to another.
package struct LeaseTerms: Hashable, Sendable {
    /// Also how long the task's message stays hidden. Survives three missed renewals.
    package var duration: Duration
    package var renewalInterval: Duration

    package init(
        duration: Duration = .seconds(120), renewalInterval: Duration = .seconds(30)
    ) {
        precondition(renewalInterval * 2 <= duration, "A lease outlives a missed renewal.")
        self.duration = duration
        self.renewalInterval = renewalInterval
    }

    /// Renewed four times in its length, as the usual 120 s are every 30 s.
    package init(lasting duration: Duration) {
        self.init(duration: duration, renewalInterval: duration / 4)
    }
}
