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
}
