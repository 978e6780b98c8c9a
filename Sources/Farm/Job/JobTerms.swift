/// The uploader's terms for a whole job: its deadline, its budget, and how its frames are divided.
package struct JobTerms: Hashable, Sendable {
    /// `nil` for the turn-around time of the farm.
    package var deadline: Timestamp?
    /// `nil` for no bound.
    package var budget: Money?
    package var priority: JobPriority
    package var slices: SliceTerms
    /// Whether thumbnails, a contact sheet and a video are made of the finished frames.
    package var assembles: Bool
    /// Whether the first, middle and last frame are rendered before the others.
    package var hasCanary: Bool

    package init(
        deadline: Timestamp? = nil, budget: Money? = nil, priority: JobPriority = .normal,
        slices: SliceTerms = SliceTerms(), assembles: Bool = false,
        hasCanary: Bool = false
    ) {
        self.deadline = deadline
        self.budget = budget
        self.priority = priority
        self.slices = slices
        self.assembles = assembles
        self.hasCanary = hasCanary
    }
}

/// Which tasks begin first. Running frames finish.
package enum JobPriority: String, Hashable, Sendable, CaseIterable {
    case normal
    /// Begins before all normal jobs, however long they have waited.
    case high
}
