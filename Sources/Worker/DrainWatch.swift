internal import Operations
internal import Farm
internal import Logging

/// Watches over one task from the drain's beginning on: goes on while frames fit before the
/// deadline, and says when it is time to hand back.
struct DrainWatch: Sendable {
    /// How often the clock and the frame are looked at, once there is a deadline.
    private static let interval: Duration = .seconds(1)

    let drain: DrainSignal
    let policy: DrainPolicy
    let operations: TaskOperations
    let heartbeat: WorkerHeartbeat
    let time: any TimeSource
    let log: Logger

    enum End: Sendable {
        case handBack(Interruption)
        /// The task went to someone else, who heard of the notice first.
        case lost
        case canceled
    }

    func run(_ task: RenderTask, _ progress: RenderProgress) async -> End {
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
                        return .lost
                    }
                    isPromised = true
                    log.info("goes on after a notice", metadata: ["plan": "\(decision)"])
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
