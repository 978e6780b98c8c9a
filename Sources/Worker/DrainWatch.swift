internal import Operations
internal import Farm
internal import Logging

/// Watches one task after a drain has begun. The task goes on while its frames fit before the
/// deadline; then it is time to hand the task back.
struct DrainWatch: Sendable {
    /// How often the watch checks the clock and the frame once there is a deadline.
    private static let interval: Duration = .seconds(1)

    let drain: DrainSignal
    let policy: DrainPolicy
    let operations: TaskOperations
    let heartbeat: WorkerHeartbeat
    let time: any TimeSource
    let log: Logger

    enum Verdict: Sendable {
        case handBack(Interruption)
        /// The interruption handler has already requeued the task.
        case leaseLost
        case canceled
    }

    func run(_ task: RenderTask, _ progress: RenderProgress) async -> Verdict {
        guard let interruption = await drain.wait() else { return .canceled }
        progress.notice()
        await heartbeat.transition(.drain(.notice))
        var isPromised = false
        while let deadline = drain.deadline {
            let decision = policy.decide(
                progress.drainProgress, deadline: deadline, at: time.now())
            if decision == .handBackNow { break }
            do {
                if !isPromised {
                    let event = RenderTask.Event.promise(task.token, until: deadline)
                    guard case .moved = try await operations.apply(event, to: task.id) else {
                        return .leaseLost
                    }
                    isPromised = true
                    log.info("continues after a notice", metadata: ["plan": "\(decision)"])
                }
                try await time.sleep(for: Self.interval)
            } catch is CancellationError {
                return .canceled
            } catch {
                log.warning("could not promise a task's end", metadata: ["error": "\(error)"])
                break
            }
        }
        return Task.isCancelled ? .canceled : .handBack(interruption)
    }
}
