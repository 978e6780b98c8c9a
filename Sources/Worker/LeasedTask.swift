internal import Farm

/// A task that this worker holds, with everything that its render needs to know.
struct LeasedTask: Sendable {
    let task: RenderTask
    let job: Job
    let settings: RenderSettings
    /// Deletes the task's message, or hides it for longer.
    let receipt: Receipt

    func name(ofFrame number: Int) -> FrameName {
        FrameName(job: task.id.job, number: number, format: settings.format)
    }
}
