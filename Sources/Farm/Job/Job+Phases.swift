/// Which of its tasks a job is at.
extension Job {
    /// The task that makes thumbnails, contact sheet and video of its frames: the one after the last of them.
    package var assembly: TaskID { TaskID(job: id, number: taskCount + 1) }

    /// Whether its frames have all ended, and are still to be assembled.
    ///
    /// Of a job that was canceled, or has no frame, nothing is assembled; nor where the budget is spent.
    package var isAssemblyDue: Bool {
        guard openTaskCount == 0, !hasAssemblyEnded, tally.frames > 0 else { return false }
        if let budget = terms.budget, tally.cost >= budget { return false }
        switch outcome {
        case .succeeded: return true
        case .failed: return !state.endsTasks
        case .splitting, .trying, .queued, .rendering, .assembling, .paused, .canceling, .failing,
            .canceled:
            return false
        }
    }

    /// Whether no worker will be at its assembly any more.
    var hasAssemblyEnded: Bool { !terms.assembles || tally.assemblies > 0 }

    /// All its tasks that are written at the split.
    package var writtenTaskCount: Int { taskCount + (terms.assembles ? 1 : 0) }

    /// Open tasks that workers may begin now, or are at.
    package var currentTaskCount: Int {
        switch state {
        case .splitting, .trying:
            isUnproven
                ? min(openTaskCount, SplitPlan.canaryCount - tally.succeeded) : openTaskCount
        case .queued, .rendering: openTaskCount
        case .assembling: isAssemblyDue ? 1 : 0
        case .paused, .canceling, .failing, .succeeded, .failed, .canceled: 0
        }
    }

    /// Whether workers may begin the task now, if it waits: only then it has a message.
    package func allows(_ task: RenderTask) -> Bool {
        switch state {
        case .splitting, .trying: task.work == .frames && (!isUnproven || isCanary(task.id))
        case .queued, .rendering: task.work == .frames
        case .assembling: task.work == .assembly
        case .paused, .canceling, .failing, .succeeded, .failed, .canceled: false
        }
    }

    // MARK: Canary

    package func isCanary(_ task: TaskID) -> Bool {
        terms.hasCanary && task.number <= SplitPlan.canaryCount
    }

    /// Whether its canary's tasks have all succeeded. Before, no other task can have ended otherwise than by
    /// being canceled, so the count tells.
    package var isProven: Bool { terms.hasCanary && tally.succeeded >= SplitPlan.canaryCount }

    package var isUnproven: Bool { terms.hasCanary && !isProven }

    /// Where it goes on when its canary is still to be rendered.
    var unproven: State? { isUnproven ? .trying : nil }

    /// A task of the canary has failed for good.
    package var isCanaryDead: Bool { isUnproven && tally.failed > 0 }

    /// What its owner should look at, besides what was written on it: nothing when all is well.
    package var notes: [String] { [note, blankness].compactMap { $0 } }

    /// Every frame so far is black or transparent, the first, the middle and the last among them: seldom
    /// what was meant, and yet it may be.
    private var blankness: String? {
        // Frames that an attempt stored before it ended otherwise are counted where they are blank only.
        let unknown = (tally.failures + tally.interruptions) * chunk
        guard terms.hasCanary, tally.blankFrames >= SplitPlan.canaryCount,
            tally.blankFrames >= tally.frames + unknown
        else { return nil }
        return
            "All \(tally.blankFrames) frames rendered so far, the first, the middle and the last among "
            + "them, are black or fully transparent. Look at one; if that is not meant: "
            + "spotrender cancel \(id)"
    }
}
