internal import Operations
internal import Farm
internal import Logging

/// Renders one leased task and reports its outcome.
extension RenderLoop {
    /// One leased task while the worker renders it.
    private struct Rendering: Sendable {
        let leased: LeasedTask
        let space: Workspace
        let progress: RenderProgress
    }

    /// Why the worker stopped rendering a task.
    private enum StopReason: Sendable {
        case attemptEnded(RenderAttempt.RenderResult)
        case drain(Interruption)
        case leaseLost
        case canceled
    }

    func render(
        _ leased: LeasedTask, until drain: DrainSignal
    ) async throws(PortError) -> Turn {
        let space: Workspace
        do {
            space = try Workspace(for: leased.task.id, token: leased.task.token, in: attempts)
        } catch {
            let failure = RenderFailure(.disk, error.description)
            return try await fail(leased, failure, RenderReport())
        }
        let progress = RenderProgress(leased.task, of: leased.job)
        let rendering = Rendering(leased: leased, space: space, progress: progress)
        let reason = await race(rendering, until: drain)
        let lost = progress.unfinished(at: ports.time.now())
        await heartbeat.count(frames: progress.report.frameCount)
        // The task moves first: nobody waits for the log or for the removal of the directory.
        let turn = try await end(rendering, reason)
        // The interruption handler may know of this instance's end before its own worker does.
        if case .lost = turn, drain.drain == nil { try await readHandlerNotices(drain) }
        if let drain = drain.drain {
            await recorder.record(
                drain, turn, framesFinished: progress.framesSinceNotice, lost: lost)
        }
        return turn
    }

    private func end(
        _ rendering: Rendering, _ reason: StopReason
    ) async throws(PortError) -> Turn {
        let (leased, progress) = (rendering.leased, rendering.progress)
        // A task is handed back before its log is stored: another worker may be waiting for it.
        let early: Turn? =
            switch reason {
            case .drain(let interruption):
                try await handBack(leased, interruption, progress.report)
            case .attemptEnded(.canceled), .canceled:
                try await handBack(
                    leased, Interruption(.drain, by: .signal), progress.report)
            case .attemptEnded(.rendered), .attemptEnded(.failed), .leaseLost: nil
            }
        let logKey = await storeLog(rendering)
        do {
            try rendering.space.remove()
        } catch {
            log.warning("could not remove an attempt's files", metadata: ["error": "\(error)"])
        }
        if let early { return early }
        switch reason {
        case .attemptEnded(.rendered(var report)):
            report.logKey = logKey
            return try await succeed(leased, report)
        case .attemptEnded(.failed(let failure, var report)):
            report.logKey = logKey
            return try await fail(leased, failure, report)
        case .leaseLost, .drain, .attemptEnded(.canceled), .canceled:
            return lost(leased.task)
        }
    }

    /// Renders until the attempt ends, the lease is lost or a drain ends it. The first of the three
    /// cancels the other two.
    private func race(_ rendering: Rendering, until drain: DrainSignal) async -> StopReason {
        let (leased, progress) = (rendering.leased, rendering.progress)
        let attempt = RenderAttempt(
            sceneCache: sceneCache, ports: ports, limits: limits, progress: progress,
            heartbeat: heartbeat)
        let watch = DrainWatch(
            drain: drain, policy: limits.drain, operations: operations, heartbeat: heartbeat,
            time: ports.time, log: log)
        let keeper = LeaseKeeper(
            operations: operations, tasks: ports.tasks, queue: ports.queue, terms: limits.lease,
            interval: limits.holdInterval, time: ports.time, log: log)
        return await withTaskGroup(of: StopReason.self) { group in
            group.addTask { .attemptEnded(await attempt.run(leased, in: rendering.space)) }
            group.addTask { await keeper.keep(leased) ? .leaseLost : .canceled }
            group.addTask {
                switch await watch.run(leased.task, progress) {
                case .handBack(let interruption): .drain(interruption)
                case .leaseLost: .leaseLost
                case .canceled: .canceled
                }
            }
            let first = await group.next() ?? .canceled
            group.cancelAll()
            return first
        }
    }

    /// A failure is only logged: a missing log is no reason to render again.
    private func storeLog(_ rendering: Rendering) async -> String? {
        let task = rendering.leased.task
        do {
            guard let text = try rendering.space.logTail(bytesMax: limits.logBytesMax) else {
                return nil
            }
            return try await ports.frames.storeLog(text, of: task.id, token: task.token)
        } catch {
            log.warning("could not store a log", metadata: ["error": "\(error)"])
            return nil
        }
    }

    private func succeed(
        _ leased: LeasedTask, _ report: RenderReport
    ) async throws(PortError) -> Turn {
        let task = leased.task
        let outcome = try await operations.apply(.succeed(task.token, report), to: task.id)
        guard case .moved = outcome else { return lost(task) }
        try await ports.queue.delete(leased.receipt)
        log.info("rendered a task", metadata: metadata(task))
        return .rendered(task.id, frameCount: report.frameCount)
    }

    private func fail(
        _ leased: LeasedTask, _ failure: RenderFailure, _ report: RenderReport
    ) async throws(PortError) -> Turn {
        let task = leased.task
        var facts = metadata(task)
        facts["kind"] = "\(failure.kind.rawValue)"
        facts["reason"] = "\(failure.message)"
        log.error("a task failed", metadata: facts)
        let outcome = try await operations.apply(.fail(task.token, failure, report), to: task.id)
        guard case .moved = outcome else { return lost(task) }
        try await ports.queue.delete(leased.receipt)
        return .failed(task.id, failure)
    }

    private func handBack(
        _ leased: LeasedTask, _ interruption: Interruption, _ report: RenderReport
    ) async throws(PortError) -> Turn {
        let task = leased.task
        let event = RenderTask.Event.interrupt(task.token, interruption, report)
        let outcome = try await operations.apply(event, to: task.id)
        guard case .moved = outcome else { return lost(task) }
        try await ports.queue.delete(leased.receipt)
        log.warning("handed a task back", metadata: metadata(task))
        return .handedBack(task.id, interruption)
    }

    /// The task was moved elsewhere. Its message stays in the queue: a worker that receives it
    /// again drops it, unless the task waits and has no other message.
    private func lost(_ task: RenderTask) -> Turn {
        log.warning("lost a lease while rendering", metadata: metadata(task))
        return .lost(task.id)
    }

    func metadata(_ task: RenderTask) -> Logger.Metadata {
        [
            "job": "\(task.id.job)", "task": "\(task.id.number)", "token": "\(task.token)",
            "frames": "\(task.frames)", "worker": "\(worker)",
        ]
    }
}
