/// Which of its tasks a job is at.
extension Job {
    /// The task that makes thumbnails, contact sheet and video of its frames: the one after the last of them.
    package var assembly: TaskID { TaskID(job: id, number: taskCount + 1) }

    /// Whether its frames have all ended, and are still to be assembled.
    ///
    /// Of a job that was canceled, or has no frame, nothing is assembled; nor where the budget is spent.
    package var isAssemblyDue: Bool {
        guard terms.assembles, openTaskCount == 0, tally.assemblies == 0, tally.frames > 0 else {
            return false
        }
        if let budget = terms.budget, tally.dollars >= budget { return false }
        switch outcome {
        case .succeeded: return true
        case .failed: return !state.endsTasks
        case .splitting, .queued, .rendering, .assembling, .paused, .canceling, .failing,
            .canceled:
            return false
        }
    }

    /// All its tasks that are written at the split.
    package var writtenTaskCount: Int { taskCount + (terms.assembles ? 1 : 0) }

    /// Open tasks that workers may begin now, or are at.
    package var currentTaskCount: Int {
        switch state {
        case .splitting, .queued, .rendering: openTaskCount
        case .assembling: isAssemblyDue ? 1 : 0
        case .paused, .canceling, .failing, .succeeded, .failed, .canceled: 0
        }
    }

    /// Whether workers may begin the task now, if it waits: only then it has a message.
    package func allows(_ task: RenderTask) -> Bool {
        switch state {
        case .splitting, .queued, .rendering: task.work == .frames
        case .assembling: task.work == .assembly
        case .paused, .canceling, .failing, .succeeded, .failed, .canceled: false
        }
    }
}
