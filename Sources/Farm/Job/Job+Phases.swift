/// The phases of a job: canary, frames, assembly.
extension Job {
    /// The task that makes thumbnails, contact sheet and video. Its number follows the last frames'
    /// task.
    package var assembly: TaskID { TaskID(job: id, number: taskCount + 1) }

    /// Whether all tasks of frames have ended, and the pictures are still to be assembled.
    ///
    /// Nothing is assembled for a job that was canceled, has no frames, or has spent its budget.
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

    /// Whether no worker will assemble its pictures any more.
    var hasAssemblyEnded: Bool { !terms.assembles || tally.assemblies > 0 }

    /// The number of tasks that the split writes.
    package var writtenTaskCount: Int { taskCount + (terms.assembles ? 1 : 0) }

    /// The number of open tasks that workers may begin now or have begun.
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

    /// Whether workers may begin the task now, if it waits. Only then the task has a message.
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

    /// Whether all tasks of the canary have succeeded. The count is enough: before that, no other
    /// task can have succeeded.
    package var isProven: Bool { terms.hasCanary && tally.succeeded >= SplitPlan.canaryCount }

    package var isUnproven: Bool { terms.hasCanary && !isProven }

    /// The state in which the job continues while its canary is still to be rendered.
    var unproven: State? { isUnproven ? .trying : nil }

    /// Whether a task of the canary has failed for good.
    package var isCanaryDead: Bool { isUnproven && tally.failed > 0 }

    /// What the owner should look at: the stored note, and blank frames. Empty when all is well.
    package var notes: [JobNote] { [note, blankNote].compactMap { $0 } }

    /// Every frame so far is black or transparent, with the first, the middle and the last frame.
    /// That is seldom intended.
    private var blankNote: JobNote? {
        // Of the frames that a failed or interrupted attempt stored, only blank ones are counted.
        let unknown = (tally.failures + tally.interruptions) * chunk
        guard terms.hasCanary, tally.blankFrames >= SplitPlan.canaryCount,
            tally.blankFrames >= tally.frames + unknown
        else { return nil }
        return .blankFrames(count: tally.blankFrames)
    }
}
