package import Farm

extension JobNote {
    /// One or two sentences for the owner of the job.
    package func words(for job: JobID) -> String {
        switch self {
        case .budgetSpent(let spent, let budget, let framesLeft):
            "\(Self.cents(spent)) of its budget of \(Self.cents(budget)) is spent: no instance is "
                + "started for the \(framesLeft) frames left."
        case .budgetShort(let spent, let budget, let framesPaid, let framesLeft):
            "\(Self.cents(spent)) of its budget of \(Self.cents(budget)) is spent. The rest pays for "
                + "about \(framesPaid) of the \(framesLeft) frames left, and no instance is started "
                + "for the others."
        case .missingAssembly(let reason):
            "The job has no thumbnails, contact sheet and video. Its frames are complete. \(reason) "
                + "To try again: \(JobText.retry(job))"
        case .blankFrames(let count):
            "All \(count) frames rendered so far, with the first, the middle and the last frame, are "
                + "black or fully transparent. Look at one of them. If they should not be blank: "
                + "spotrender cancel \(job)"
        }
    }

    private static func cents(_ amount: Money) -> String {
        "$" + amount.decimal(2)
    }
}

extension JobFailure {
    package var words: String {
        switch self {
        case .refused(let reason): reason
        case .canaryFailed(let untried, let reason):
            "The first, middle and last frame are rendered before the others. One of them failed, "
                + "so the other \(untried) tasks were not tried. The reason: \(reason)"
        case .firstTasksFailed(let count, let untried, let lastReason):
            "The first \(count) tasks failed and none succeeded, so the other \(untried) were not "
                + "tried. The reason of the last failure: \(lastReason)"
        case .tasksFailed(let count, let total):
            "\(count) of \(total) tasks failed."
        }
    }
}

extension Job {
    /// All notes, in words.
    package var noteWords: [String] { notes.map { $0.words(for: id) } }
}

extension Job.State {
    /// Why the job failed, in words for its owner.
    package var reason: String? { failure?.words }
}
