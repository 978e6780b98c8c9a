internal import Farm

/// Renders what one lease is for: fetch the scene, render the frames that are missing, store each.
///
/// Knows nothing of leases and messages; it is canceled when the lease is lost or a drain begins.
struct RenderAttempt: Sendable {
    let scenes: SceneCache
    let frames: any FrameStore
    let engine: any RenderEngine
    let limits: Limits
    let time: any TimeSource
    let progress: RenderProgress

    enum Ending: Sendable {
        case rendered(RenderReport)
        case failed(RenderFailure, RenderReport)
        case canceled
    }

    func run(
        _ task: RenderTask, _ settings: RenderSettings, of job: Job, in space: Workspace
    ) async -> Ending {
        do throws(RenderStop) {
            try await render(task, settings, of: job, in: space)
            return .rendered(progress.report)
        } catch {
            switch error {
            case .canceled:
                return .canceled
            case .failed(let failure):
                return .failed(failure, progress.report)
            case .storing(let error):
                if Task.isCancelled { return .canceled }
                return .failed(failure(of: error), progress.report)
            }
        }
    }

    private func render(
        _ task: RenderTask, _ settings: RenderSettings, of job: Job, in space: Workspace
    ) async throws(RenderStop) {
        let missing: FrameRange?
        let scene: String
        do {
            missing = try await missingFrames(task, settings)
            scene = try await scenes.path(of: job.source)
        } catch {
            throw .storing(error)
        }
        guard let missing else { return }
        let request = RenderRequest(
            scene: scene, settings: settings, frames: missing, directory: space.pictures,
            log: space.log, frameDurationMax: limits.frameDurationMax)
        progress.begin(frames: missing.count, at: time.now())
        try await engine.render(request) { (frame) async throws(PortError) in
            progress.rendered(frame, at: time.now())
            let name = FrameName(job: job.id, number: frame.number, format: settings.format)
            try await frames.store(name, from: frame.path)
            progress.stored(frame)
        }
    }

    /// Frames are stored in order, so an interrupted attempt left a whole first part behind.
    private func missingFrames(
        _ task: RenderTask, _ settings: RenderSettings
    ) async throws(PortError) -> FrameRange? {
        // Nobody had this task before: nothing can be there.
        guard task.token > FencingToken.unleased.next else { return task.frames }
        for number in task.frames.frames {
            let name = FrameName(job: task.id.job, number: number, format: settings.format)
            if try await !frames.contains(name) { return task.frames.from(number) }
        }
        return nil
    }

    private func failure(of error: PortError) -> RenderFailure {
        switch error.kind {
        case .disk: RenderFailure(.disk, error.description)
        case .unavailable, .denied, .missing, .malformed:
            RenderFailure(.store, error.description)
        }
    }
}
