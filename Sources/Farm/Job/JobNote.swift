/// What a job's owner should look at. Its words are in Presentation.
package enum JobNote: Hashable, Sendable {
    /// The budget is spent, and no instance is started for the frames left.
    case budgetSpent(spent: Money, budget: Money, framesLeft: Int)
    /// The rest of the budget pays for a part of the frames left.
    case budgetShort(spent: Money, budget: Money, framesPaid: Int, framesLeft: Int)
    /// There are no thumbnails, contact sheet and video, for this reason.
    case missingAssembly(reason: String)
    /// All frames rendered so far are black or fully transparent.
    case blankFrames(count: Int)
}

/// Why a job failed. Its words are in Presentation.
package enum JobFailure: Hashable, Sendable {
    /// The upload can't become frames; a sentence says why.
    case refused(String)
    /// A task of the canary failed, so the other tasks were not tried.
    case canaryFailed(untried: Int, reason: String)
    /// The first tasks all failed, so the others were not tried.
    case firstTasksFailed(count: Int, untried: Int, lastReason: String)
    case tasksFailed(count: Int, of: Int)
}
