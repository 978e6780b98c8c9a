import Farm
import FoundationEssentials
import Glibc
import Subprocess
import Synchronization

/// Runs one Blender at a time, and keeps it for the next request that it can serve.
///
/// `ResidentState` decides what happens next. This type performs it, in one loop that holds the
/// process for its whole life. So there is never a second Blender beside an idle one, which still
/// has its scene in memory.
package final class ResidentBlender: Sendable {
    private typealias State = ResidentState<BlenderSession>

    /// The home of a Blender that may be kept. Blender leaves its pictures there. The folder is
    /// made for each process and removed with it.
    let home: String
    /// How long a Blender waits for its next request. While its job has tasks, the next request
    /// comes within seconds, or with the scaler's tick of a minute when a message was lost. After
    /// that, its memory is worth more than a second opening of the scene.
    let idleMax: Duration
    private let asked = Mutex<AsyncStream<State.Event>.Continuation?>(nil)

    /// - Parameter home: A path of its own. Whatever is there is removed. By default it lies beside
    ///   other programs' temporary files.
    package init(home: String? = nil, idleMax: Duration = .seconds(60)) {
        self.home = home ?? Self.temporaryHome()
        self.idleMax = idleMax
        // Writing to a Blender that died must not end the worker.
        _ = signal(SIGPIPE, SIG_IGN)
    }

    private static func temporaryHome() -> String {
        FileManager.default.temporaryDirectory
            .appending(path: "spotrender-blender-\(UUID().uuidString)").path(percentEncoded: false)
    }

    /// Keeps a Blender between the requests of `body`. None is left when this returns.
    func withResidentBlender<Result, Failure: Error>(
        _ body: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        try await serving { (asked) async throws(Failure) in
            self.asked.withLock {
                precondition($0 == nil, "A resident Blender is entered once.")
                $0 = asked
            }
            defer { self.asked.withLock { $0 = nil } }
            return try await body()
        }
    }

    /// Serves the session with the Blender that is there, or with a new one. Returns when the
    /// session is over. Unless Blender is kept, nothing is left of it then. Only closing the
    /// session ends it early.
    func serve(_ session: BlenderSession) async -> BlenderSession.Outcome {
        guard let asked = asked.withLock({ $0 }) else {
            // Outside `withResidentBlender`, Blender ends with its request.
            return await serving { await Self.ask($0, for: session) }
        }
        return await Self.ask(asked, for: session)
    }

    private static func ask(
        _ asked: AsyncStream<State.Event>.Continuation, for session: BlenderSession
    ) async -> BlenderSession.Outcome {
        if case .terminated = asked.yield(.asked(session)) { session.finish(.canceled) }
        return await session.outcome()
    }

    /// Serves the requests of `body`.
    private func serving<Result, Failure: Error>(
        _ body: (AsyncStream<State.Event>.Continuation) async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        let (events, asked) = AsyncStream.makeStream(of: State.Event.self)
        let outcome = await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.serveAll(ResidentInbox(events, asked)) }
            defer { asked.finish() }
            do throws(Failure) {
                return Swift.Result<Result, Failure>.success(try await body(asked))
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    private func serveAll(_ inbox: ResidentInbox) async {
        var inbox = inbox
        var state = State()
        var action = state.first
        while true {
            switch action {
            case .wait(let turn, let isLimited):
                let event = await inbox.next(turn, within: isLimited ? idleMax : nil)
                action = state.apply(event)
            case .start(let session): action = await live(session, &state, &inbox)
            case .finish: return
            case .serve, .end: preconditionFailure("No Blender runs.")
            }
        }
    }

    /// One Blender's life, from its start for a request until the process is gone.
    private func live(
        _ first: BlenderSession, _ state: inout State, _ inbox: inout ResidentInbox
    ) async -> State.Action {
        // The session whose outcome is not known yet.
        var open: BlenderSession? = first
        var isKept = false
        var seen = BlenderTranscript()
        do {
            try makeHome(of: first)
            let result = try await Subprocess.run(
                first.command.configuration, input: .inputWriter, output: .sequence,
                error: .combinedWithOutput
            ) { execution in
                let group = ProcessGroup(leader: execution.processIdentifier.value)
                // Ends an idle Blender, and what the leader started and left behind.
                defer { group.kill() }
                var lines = OutputLines(execution.standardOutput, key: first.command.key)
                var action = State.Action.serve(first)
                while true {
                    switch action {
                    case .serve(let session):
                        open = session
                        session.watch.start(group, isOpen: isKept)
                        let isReady: Bool
                        (seen, isReady) = try await attend(session, execution, &lines)
                        if isReady {
                            session.finish(.kept)
                            open = nil
                            isKept = true
                        }
                        action = state.apply(.served(isReady: isReady))
                    case .wait(let turn, let isLimited):
                        let event = await inbox.next(turn, within: isLimited ? idleMax : nil)
                        action = state.apply(event)
                    case .end: return
                    case .start, .finish: preconditionFailure("A Blender runs.")
                    }
                }
            }
            removeHome(of: first)
            open?.finish(.ended(result.terminationStatus, seen, wasKept: isKept))
        } catch {
            removeHome(of: first)
            open?.finish(first.outcome(of: error))
        }
        return state.apply(.ended)
    }

    /// Reads Blender's output while the request sends its lines. The result says whether Blender is
    /// ready for another request.
    private func attend<Failure>(
        _ session: BlenderSession,
        _ execution: Execution<CustomWriteInput, SequenceOutput, Failure>,
        _ lines: inout OutputLines
    ) async throws -> (BlenderTranscript, isReady: Bool) {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await order in session.orders {
                    switch order {
                    case .send(let line): await Self.send(line, to: execution.standardInputWriter)
                    case .keep: return true
                    }
                }
                // Reading ends only when Blender does.
                await execution.teardown(using: session.command.teardown)
                return false
            }
            let seen = try await session.read(&lines)
            let isReady = try await group.next() ?? false
            return (seen, isReady && !lines.isOver)
        }
    }

    /// Writing fails when Blender has ended. The end of its output shows that next.
    private static func send(_ line: String, to input: StandardInputWriter) async {
        do { _ = try await input.write(line + "\n") } catch {}
    }

    private func makeHome(of session: BlenderSession) throws(RenderFailure) {
        guard session.command.request.directory == home else { return }
        removeHome(of: session)
        do {
            try FileManager.default.createDirectory(
                atPath: home, withIntermediateDirectories: true)
        } catch {
            throw RenderFailure(.disk, "Blender's folder can't be made at \(home): \(error)")
        }
    }

    private func removeHome(of session: BlenderSession) {
        guard session.command.request.directory == home else { return }
        do {
            try FileManager.default.removeItem(atPath: home)
        } catch {
            // The folder is not there. If it is, the next Blender's start removes it.
        }
    }
}
