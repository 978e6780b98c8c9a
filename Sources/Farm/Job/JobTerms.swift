/// What the uploader wants of a whole job: when it shall be done, what it may cost, and how its
/// frames may be divided.
package struct JobTerms: Hashable, Sendable {
    /// `nil` for the farm's own turn-around.
    package var deadline: Timestamp?
    /// `nil` for no bound.
    package var budget: Money?
    package var priority: JobPriority
    package var slices: SliceTerms
    /// Whether thumbnails, a contact sheet and a video are made of the frames once they are there.
    package var assembles: Bool
    /// Whether its first, middle and last frames are rendered before the others are begun.
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

/// Whose tasks are begun first. What is begun is rendered to its end.
package enum JobPriority: String, Hashable, Sendable, CaseIterable {
    case normal
    /// Before all normal jobs, however long these have waited.
    case high
}
