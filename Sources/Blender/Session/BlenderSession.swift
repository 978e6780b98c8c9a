import Farm
import Subprocess
import Synchronization
import SystemPackage

/// One request's session with a Blender: lines go in, events come out, and closing ends Blender or
/// keeps it for the next request.
///
///     request ──send──▶ Blender ──prints──▶ reader ──events──▶ request ──close──▶ kept or ended
///
/// `ResidentBlender` finds or starts the Blender and serves the session.
final class BlenderSession: Sendable {
    /// What the request wants of Blender next.
    enum Order: Sendable {
        /// A line on standard input.
        case send(String)
        /// The request is complete, and Blender may serve another one.
        case keep
    }

    /// How the session ended for its Blender.
    enum Outcome: Sendable {
        case kept
        case ended(TerminationStatus, BlenderTranscript, wasKept: Bool)
        /// Blender did not start, or its output could not be read.
        case failed(RenderFailure)
        case canceled
    }

    private enum Wait {
        case running
        case awaited(CheckedContinuation<Outcome, Never>)
        case over(Outcome)
    }

    let command: BlenderCommand
    let watch: FrameWatch
    /// What Blender did, in order. The stream ends when the session's output ends.
    let events: AsyncStream<BlenderEvent>
    /// For `ResidentBlender`.
    let orders: AsyncStream<Order>
    private let reader: any OutputReader
    private let reported: AsyncStream<BlenderEvent>.Continuation
    private let ordered: AsyncStream<Order>.Continuation
    private let wait = Mutex(Wait.running)

    init(_ command: BlenderCommand, _ reader: any OutputReader) {
        self.command = command
        self.reader = reader
        watch = FrameWatch(command.request.frameLimit, grace: command.grace)
        (events, reported) = AsyncStream.makeStream()
        (orders, ordered) = AsyncStream.makeStream()
    }

    /// Sends a line to Blender.
    func send(_ line: String) {
        ordered.yield(.send(line))
    }

    /// Ends the session. Blender ends too, unless it is kept. A second call changes nothing.
    ///
    /// - Parameter keepsBlender: Only for a request that has everything it wanted.
    func close(keepsBlender: Bool = false) {
        if keepsBlender { ordered.yield(.keep) }
        ordered.finish()
    }
}

// MARK: - The request's side

extension BlenderSession {
    /// Runs `body` while `resident` serves the session, then closes the session.
    ///
    /// What `body` throws ends Blender and is thrown again. Unless `body` closed the session and
    /// kept Blender, no process is left when this returns.
    ///
    /// - Returns: How Blender ended, or `nil` when it is kept.
    func run<Failure: BlenderRequestError>(
        by resident: ResidentBlender, _ body: () async throws(Failure) -> Void
    ) async throws(Failure) -> BlenderEnding? {
        var thrown: Failure?
        let outcome = await withTaskGroup(of: Outcome?.self) { group in
            group.addTask {
                await self.watch.run()
                return nil
            }
            group.addTask { await resident.serve(self) }
            do throws(Failure) {
                try await body()
            } catch {
                thrown = error
            }
            close()
            while let outcome = await group.next() {
                guard let outcome else { continue }
                watch.stop()
                group.cancelAll()
                return outcome
            }
            preconditionFailure("A resident Blender finishes every session.")
        }
        if let thrown { throw thrown }
        switch outcome {
        case .kept: return nil
        case .ended(let status, let seen, let wasKept):
            return BlenderEnding(
                status: command.program.status(status), seen: seen, isTimeout: watch.isExpired,
                wasKept: wasKept, memoryPeak: watch.memoryPeak)
        case .failed(let failure): throw .failed(failure)
        case .canceled: throw .canceled
        }
    }
}

// MARK: - The reader's side

extension BlenderSession {
    func report(_ event: BlenderEvent) {
        reported.yield(event)
    }
}

// MARK: - The resident Blender's side

extension BlenderSession {
    /// Reads until Blender has served the session, or has ended.
    func read(_ lines: inout OutputLines) async throws -> BlenderTranscript {
        let seen = try await reader.read(&lines, for: self)
        reported.finish()
        return seen
    }

    /// Sets the outcome. Called once.
    func finish(_ outcome: Outcome) {
        reported.finish()
        let waiting = wait.withLock { wait in
            let before = wait
            wait = .over(outcome)
            return before
        }
        switch waiting {
        case .running: break
        case .awaited(let continuation): continuation.resume(returning: outcome)
        case .over: preconditionFailure("A session ends once.")
        }
    }

    /// Waits for the outcome. Cancellation does not end this wait: the process must be gone first.
    func outcome() async -> Outcome {
        await withCheckedContinuation { continuation in
            let known: Outcome? = wait.withLock { wait in
                if case .over(let outcome) = wait { return outcome }
                wait = .awaited(continuation)
                return nil
            }
            if let known { continuation.resume(returning: known) }
        }
    }

    /// What went wrong when Blender was to start, or while it ran.
    func outcome(of error: any Error) -> Outcome {
        switch error {
        case let failure as RenderFailure: .failed(failure)
        case let error as Errno:
            .failed(RenderFailure(.disk, "The log of Blender can't be written: \(error)."))
        case _ where Task.isCancelled: .canceled
        default: .failed(command.program.missing(error))
        }
    }
}
