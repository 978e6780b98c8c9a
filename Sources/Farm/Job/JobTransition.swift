/// One move of a job: its state is stored only if the stored state is still `from`'s.
package struct JobTransition: Hashable, Sendable {
    package let from: Job
    /// Equal to `from` where only effects follow.
    package let to: Job
    /// To be performed in order, once stored.
    package let effects: [Job.Effect]

    /// The job if its state changed.
    package var moved: Job? { to == from ? nil : to }

    init(from: Job, to: Job, effects: [Job.Effect] = []) {
        self.from = from
        self.to = to
        self.effects = effects
    }
}
