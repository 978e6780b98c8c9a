internal import Operations
internal import Farm
internal import Logging

/// One leased task, from its scene to its outcome.
extension RenderLoop {
    private enum Ending: Sendable {
        case attempt(RenderAttempt.Ending)
        case drain(Interruption)
        case leaseLost
        case canceled
    }

    func render(
        _ task: RenderTask, _ settings: RenderSettings, of job: Job, _ receipt: Receipt,
        until drain: DrainSignal
    ) async throws(PortError) -> Turn {
        let space: Workspace
        do {
            space = try Workspace(for: task.id, token: task.token, in: attempts)
        } catch {
            let failure = RenderFailure(.disk, error.description)
            return try await fail(task, failure, RenderReport(), receipt)
        }
        let progress = RenderProgress(task, of: job)
        let ending = await race(task, settings, of: job, receipt, in: space, progress, drain)
        let lost = progress.unfinished(at: ports.time.now())
        // The task first: nobody waits for a log, or for an empty directory.
        let turn = try await end(task, ending, progress.report, in: space, receipt)
        // The handler may have heard of this machine's end where its own worker has not.
        if case .lost = turn, drain.drain == nil { try await hearHandler(drain) }
        if let drain = drain.drain {
            await keeper.keep(
                drain, turn, framesFinished: progress.framesSinceNotice, lost: lost)
        }
        return turn
    }

    private func end(
        _ task: RenderTask, _ ending: Ending, _ report: RenderReport, in space: Workspace,
        _ receipt: Receipt
    ) async throws(PortError) -> Turn {
        // A task handed back comes before its log: someone may wait for it.
        let early: Turn? =
            switch ending {
            case .drain(let interruption):
                try await handBack(task, interruption, report, receipt)
            case .attempt(.canceled), .canceled:
                try await handBack(task, Interruption(.drain, by: .signal), report, receipt)
            case .attempt(.rendered), .attempt(.failed), .leaseLost: nil
            }
        let logKey = await storeLog(task, space)
        do {
            try space.remove()
        } catch {
            log.warning("left files behind", metadata: ["error": "\(error)"])
        }
        if let early { return early }
        switch ending {
        case .attempt(.rendered(var report)):
            report.logKey = logKey
            return try await succeed(task, report, receipt)
        case .attempt(.failed(let failure, var report)):
            report.logKey = logKey
            return try await fail(task, failure, report, receipt)
        case .leaseLost, .drain, .attempt(.canceled), .canceled:
            return lost(task)
        }
    }

    /// Renders while the lease is kept and no drain ends it; the first to end ends the others.
    private func race(
        _ task: RenderTask, _ settings: RenderSettings, of job: Job, _ receipt: Receipt,
        in space: Workspace, _ progress: RenderProgress, _ drain: DrainSignal
    ) async -> Ending {
        let attempt = RenderAttempt(
            scenes: scenes, ports: ports, limits: limits, progress: progress, heartbeat: heartbeat)
        let watch = DrainWatch(
            drain: drain, policy: limits.drain, operations: operations, heartbeat: heartbeat,
            time: ports.time, log: log)
        let keeper = LeaseKeeper(
            operations: operations, tasks: ports.tasks, queue: ports.queue, terms: limits.lease,
            interval: limits.holdInterval, time: ports.time, log: log)
        return await withTaskGroup(of: Ending.self) { group in
            group.addTask { .attempt(await attempt.run(task, settings, of: job, in: space)) }
            group.addTask { await keeper.keep(task, receipt) ? .leaseLost : .canceled }
            group.addTask {
                switch await watch.run(task, progress) {
                case .handBack(let interruption): .drain(interruption)
                case .lost: .leaseLost
                case .canceled: .canceled
                }
            }
            let first = await group.next() ?? .canceled
            group.cancelAll()
            return first
        }
    }

    /// A log that can't be stored is no reason to render again.
    private func storeLog(_ task: RenderTask, _ space: Workspace) async -> String? {
        do {
            guard let text = try space.logTail(bytesMax: limits.logBytesMax) else { return nil }
            return try await ports.frames.storeLog(text, of: task.id, token: task.token)
        } catch {
            log.warning("could not store a log", metadata: ["error": "\(error)"])
            return nil
        }
    }

    private func succeed(
        _ task: RenderTask, _ report: RenderReport, _ receipt: Receipt
    ) async throws(PortError) -> Turn {
        let outcome = try await operations.apply(.succeed(task.token, report), to: task.id)
        guard case .moved = outcome else { return lost(task) }
        try await ports.queue.delete(receipt)
        await heartbeat.count(frames: report.frameCount)
        log.info("rendered a task", metadata: metadata(task))
        return .rendered(task.id, frameCount: report.frameCount)
    }

    private func fail(
        _ task: RenderTask, _ failure: RenderFailure, _ report: RenderReport, _ receipt: Receipt
    ) async throws(PortError) -> Turn {
        var facts = metadata(task)
        facts["kind"] = "\(failure.kind.rawValue)"
        facts["reason"] = "\(failure.message)"
        log.error("a task failed", metadata: facts)
        let outcome = try await operations.apply(.fail(task.token, failure, report), to: task.id)
        guard case .moved = outcome else { return lost(task) }
        try await ports.queue.delete(receipt)
        return .failed(task.id, failure)
    }

    private func handBack(
        _ task: RenderTask, _ interruption: Interruption, _ report: RenderReport,
        _ receipt: Receipt
    ) async throws(PortError) -> Turn {
        let event = RenderTask.Event.interrupt(task.token, interruption, report)
        let outcome = try await operations.apply(event, to: task.id)
        guard case .moved = outcome else { return lost(task) }
        try await ports.queue.delete(receipt)
        log.warning("handed a task back", metadata: metadata(task))
        return .handedBack(task.id, interruption)
    }

    /// Someone else moved the task. The message stays: it comes back, and is dropped then unless the
    /// task waits with no other message.
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
