internal import Operations
internal import Farm

/// Renders one leased task: fetches the scene, renders the missing frames, stores each frame.
///
/// It handles neither leases nor messages. The render loop cancels it when the lease is lost or a
/// drain ends the task.
struct RenderAttempt: Sendable {
    let sceneCache: SceneCache
    let ports: RenderLoop.Ports
    let limits: WorkerLimits
    let progress: RenderProgress
    let heartbeat: WorkerHeartbeat

    enum RenderResult: Sendable {
        case rendered(RenderReport)
        case failed(RenderFailure, RenderReport)
        case canceled
    }

    func run(_ leased: LeasedTask, in space: Workspace) async -> RenderResult {
        do throws(RenderError) {
            switch leased.task.work {
            case .frames:
                try await render(leased, in: space)
                try await count(leased)
            case .assembly:
                try await assemble(leased, in: space)
            }
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

    private func render(_ leased: LeasedTask, in space: Workspace) async throws(RenderError) {
        let (task, job, settings) = (leased.task, leased.job, leased.settings)
        let missing: FrameRange?
        let expected: Duration?
        var limits = limits
        do {
            missing = try await missingFrames(leased)
            expected = try await expectedFrame(task, of: job, missing)
            if case .leased(let lease) = task.state,
                limits.slices.weighsReclaims(
                    frame: expected, engine: settings.engine, terms: job.terms.slices)
            {
                let history = try await ports.fleetStore.memory().reclaims
                limits.slices.reclaims = history.rate(in: lease.pool)
            }
        } catch {
            throw .storing(error)
        }
        guard let missing else { return }
        try choose(for: settings)
        let scene = try await sceneCache.path(of: job.source, file: settings.file)
        let decision = limits.slices.decide(
            frame: expected, engine: settings.engine, terms: job.terms.slices)
        progress.decide(decision)
        let frames = Frames(
            leased: leased, scene: scene, space: space,
            limit: limits.frame.limit(for: task, of: job))
        guard case .slices = decision else {
            guard task.share.isFirst else { return }
            return try await renderWhole(missing, frames)
        }
        for number in missing.frames {
            let frame = SlicedFrame(
                number: number, leased: leased, expected: expected, scene: scene,
                ports: SlicedFrame.Ports(
                    slices: ports.slices, frames: ports.frames, engine: ports.engine,
                    time: ports.time),
                limits: limits, progress: progress)
            do throws(SliceError) {
                let isWhole = try await frame.render(in: space)
                if isWhole { await reportStored(of: task) }
            } catch {
                guard case .unsliceable(let reason) = error else { throw RenderError(error) }
                progress.decide(.whole(.unsliceable(reason)))
                guard task.share.isFirst else { return }
                return try await renderWhole(missing.from(number) ?? missing, frames)
            }
        }
    }

    private func choose(for settings: RenderSettings) throws(RenderError) {
        do {
            progress.choose(try ports.engine.blender(for: settings))
        } catch {
            throw .failed(error)
        }
    }

    private func assemble(_ leased: LeasedTask, in space: Workspace) async throws(RenderError) {
        try choose(for: leased.settings)
        let assembly = JobAssembly(
            leased: leased,
            scene: try await sceneCache.path(
                of: leased.job.source, file: leased.settings.file),
            ports: ports, limits: limits, progress: progress)
        try await assembly.run(in: space)
    }

    /// Counts a frame that several tasks share as soon as one of these tasks finds the frame
    /// stored. The worker that stored the frame may have died before it could count the frame.
    private func count(_ leased: LeasedTask) async throws(RenderError) {
        let task = leased.task
        guard task.share.count > 1 else { return }
        do {
            let name = leased.name(ofFrame: task.frames.first)
            guard try await ports.frames.contains(name) else { return }
            _ = try await ports.tasks.apply(
                .countFrame, to: task.firstShare, at: ports.time.now())
        } catch {
            throw .storing(error)
        }
    }

    /// What all frames of one attempt share.
    private struct Frames: Sendable {
        let leased: LeasedTask
        let scene: String
        let space: Workspace
        let limit: FrameLimit
    }

    private func renderWhole(
        _ missing: FrameRange, _ frames: Frames
    ) async throws(RenderError) {
        let request = RenderRequest(
            scene: frames.scene, settings: frames.leased.settings, frames: missing,
            directory: frames.space.pictures, log: frames.space.log,
            frameLimit: frames.limit)
        progress.begin(frames: missing.count, at: ports.time.now())
        try await ports.engine.render(request) { (frame) async throws(PortError) in
            progress.rendered(frame, at: ports.time.now())
            try await ports.frames.keep(frame, as: frames.leased.name(ofFrame: frame.number))
            progress.stored(frame, at: ports.time.now())
            await reportStored(of: frames.leased.task)
        }
    }

    /// The job counts a frame of several tasks when it is stored; the worker must not count it too.
    private func reportStored(of task: RenderTask) async {
        if task.share.count == 1 { await heartbeat.storedFrame() }
    }

    private func expectedFrame(
        _ task: RenderTask, of job: Job, _ missing: FrameRange?
    ) async throws(PortError) -> Duration? {
        guard case .leased(let lease) = task.state else { return nil }
        if let mean = job.tally.secondsPerFrame(on: lease.pool.instanceType) {
            return .seconds(mean)
        }
        // The interrupted attempts stored nothing: the frame takes longer than any of them lasted.
        guard task.interruptionCount > 0, missing?.first == task.frames.first else { return nil }
        return SlicePolicy.leastFrame(
            of: task.id, after: try await ports.tasks.attempts(of: job.id))
    }

    /// Frames are stored in order, so the frames that an interrupted attempt stored come first.
    private func missingFrames(_ leased: LeasedTask) async throws(PortError) -> FrameRange? {
        let task = leased.task
        // No worker had this task before. Only the worker of another share can have stored the
        // frame.
        guard task.token > FencingToken.unleased.next || task.share.count > 1 else {
            return task.frames
        }
        var last: FrameName?
        for number in task.frames.frames {
            let name = leased.name(ofFrame: number)
            guard try await ports.frames.contains(name) else {
                try await tidy(after: last)
                // The workers agreed on fewer shares than tasks: this task has nothing to render.
                if !task.share.isFirst, let shares = try await ports.slices.shares(of: name),
                    task.share.index >= shares
                {
                    return nil
                }
                return task.frames.from(number)
            }
            last = name
        }
        try await tidy(after: last)
        return nil
    }

    /// The worker that stored the last frame may have died before it removed the frame's slices.
    private func tidy(after frame: FrameName?) async throws(PortError) {
        guard let frame else { return }
        try await ports.slices.removeAll(of: frame)
    }

    private func failure(of error: PortError) -> RenderFailure {
        switch error.kind {
        case .disk: RenderFailure(.disk, error.description)
        case .unavailable, .denied, .missing, .malformed:
            RenderFailure(.store, error.description)
        }
    }
}

extension RenderError {
    /// The same error for a frame that is rendered in slices.
    fileprivate init(_ error: SliceError) {
        switch error {
        case .unsliceable(let reason): self = .failed(RenderFailure(.scene, reason))
        case .failed(let failure): self = .failed(failure)
        case .storing(let error): self = .storing(error)
        case .canceled: self = .canceled
        }
    }
}
