internal import Operations
internal import Farm

/// Renders what one lease is for: fetch the scene, render the frames that are missing, store each.
///
/// Knows nothing of leases and messages; it is canceled when the lease is lost or a drain begins.
struct RenderAttempt: Sendable {
    let scenes: SceneCache
    let ports: RenderLoop.Ports
    let limits: WorkerLimits
    let progress: RenderProgress
    let heartbeat: WorkerHeartbeat

    enum Ending: Sendable {
        case rendered(RenderReport)
        case failed(RenderFailure, RenderReport)
        case canceled
    }

    func run(
        _ task: RenderTask, _ settings: RenderSettings, of job: Job, in space: Workspace
    ) async -> Ending {
        do throws(RenderError) {
            switch task.work {
            case .frames:
                try await render(task, settings, of: job, in: space)
                try await count(task, settings)
            case .assembly:
                try await assemble(settings, of: job, in: space)
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

    private func render(
        _ task: RenderTask, _ settings: RenderSettings, of job: Job, in space: Workspace
    ) async throws(RenderError) {
        let missing: FrameRange?
        let expected: Duration?
        var limits = limits
        do {
            missing = try await missingFrames(task, settings)
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
        let scene = try await scenes.path(of: job.source, file: settings.file)
        let decision = limits.slices.decide(
            frame: expected, engine: settings.engine, terms: job.terms.slices)
        progress.decide(decision)
        let frames = Frames(
            task: task, settings: settings, scene: scene, space: space,
            limit: limits.frame.limit(for: task, of: job))
        guard case .slices = decision else {
            guard task.share.isFirst else { return }
            return try await renderWhole(missing, frames)
        }
        for number in missing.frames {
            let frame = SlicedFrame(
                name: frames.name(number), share: task.share, isForced: job.terms.slices.isForced,
                expected: expected, scene: scene, settings: settings,
                ports: SlicedFrame.Ports(
                    slices: ports.slices, frames: ports.frames, engine: ports.engine,
                    time: ports.time),
                limits: limits, progress: progress)
            do throws(SliceError) {
                let isWhole = try await frame.render(in: space)
                if isWhole { await tellStored(of: task) }
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

    private func assemble(
        _ settings: RenderSettings, of job: Job, in space: Workspace
    ) async throws(RenderError) {
        try choose(for: settings)
        let assembly = JobAssembly(
            job: job.id, settings: settings,
            scene: try await scenes.path(of: job.source, file: settings.file), ports: ports,
            limits: limits, progress: progress)
        try await assembly.run(in: space)
    }

    /// A frame of several tasks is counted as soon as one of them finds it stored, before that one
    /// ends: whoever stored it may have died then.
    private func count(_ task: RenderTask, _ settings: RenderSettings) async throws(RenderError) {
        guard task.share.count > 1 else { return }
        let name = FrameName(
            job: task.id.job, number: task.frames.first, format: settings.format)
        do {
            guard try await ports.frames.contains(name) else { return }
            _ = try await ports.tasks.apply(
                .countFrame, to: task.firstShare, at: ports.time.now())
        } catch {
            throw .storing(error)
        }
    }

    /// What the frames of one attempt have in common.
    private struct Frames: Sendable {
        let task: RenderTask
        let settings: RenderSettings
        let scene: String
        let space: Workspace
        let limit: FrameLimit

        func name(_ number: Int) -> FrameName {
            FrameName(job: task.id.job, number: number, format: settings.format)
        }
    }

    private func renderWhole(
        _ missing: FrameRange, _ frames: Frames
    ) async throws(RenderError) {
        let request = RenderRequest(
            scene: frames.scene, settings: frames.settings, frames: missing,
            directory: frames.space.pictures, log: frames.space.log,
            frameLimit: frames.limit)
        progress.begin(frames: missing.count, at: ports.time.now())
        try await ports.engine.render(request) { (frame) async throws(PortError) in
            progress.rendered(frame, at: ports.time.now())
            try await ports.frames.keep(frame, as: frames.name(frame.number))
            progress.stored(frame, at: ports.time.now())
            await tellStored(of: frames.task)
        }
    }

    /// A frame of several tasks is in the job's count at once, and must not be in two.
    private func tellStored(of task: RenderTask) async {
        if task.share.count == 1 { await heartbeat.storedFrame() }
    }

    private func expectedFrame(
        _ task: RenderTask, of job: Job, _ missing: FrameRange?
    ) async throws(PortError) -> Duration? {
        guard case .leased(let lease) = task.state else { return nil }
        if let mean = job.tally.secondsPerFrame(on: lease.pool.instanceType) {
            return .seconds(mean)
        }
        // Nothing of a task that was interrupted is stored: its frame takes longer than it had.
        guard task.interruptionCount > 0, missing?.first == task.frames.first else { return nil }
        return SlicePolicy.leastFrame(
            of: task.id, after: try await ports.tasks.attempts(of: job.id))
    }

    /// Frames are stored in order, so an interrupted attempt left a whole first part behind.
    private func missingFrames(
        _ task: RenderTask, _ settings: RenderSettings
    ) async throws(PortError) -> FrameRange? {
        // Nobody had this task before: nothing can be there, unless by another share's worker.
        guard task.token > FencingToken.unleased.next || task.share.count > 1 else {
            return task.frames
        }
        var last: FrameName?
        for number in task.frames.frames {
            let name = FrameName(job: task.id.job, number: number, format: settings.format)
            guard try await ports.frames.contains(name) else {
                try await tidy(after: last)
                // Fewer shares than tasks were agreed on: this one has nothing to render.
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

    /// Who stored the last frame that is there may have died before its slices were removed.
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
    /// Of what stops slices and frames alike.
    fileprivate init(_ stop: SliceError) {
        switch stop {
        case .unsliceable(let reason): self = .failed(RenderFailure(.scene, reason))
        case .failed(let failure): self = .failed(failure)
        case .storing(let error): self = .storing(error)
        case .canceled: self = .canceled
        }
    }
}
