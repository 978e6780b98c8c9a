import Farm
import FoundationEssentials
import Glibc
import Subprocess
import Synchronization

/// Runs one Blender at a time, and keeps it for the next errand that it can serve.
///
///     errand ─▶ has a Blender its scene open? ── yes ─▶ idle ─▶ rendering ─▶ idle …
///                                             └─ no ──▶ ended; another is started
///     idle too long · errand failed or canceled · `keeping` is over ─▶ ended
///
/// It is one loop, which holds the process for all of its life and serves errands in turn: so there
/// is never a second Blender beside an idle one, which still has its scene in memory.
package final class ResidentBlender: Sendable {
    /// Where a Blender that may be kept has its home and leaves its pictures. Made for each
    /// process, and removed with it.
    let home: String
    /// How long a Blender waits for its next errand. While its job has tasks the next comes within
    /// seconds, or with the scaler's tick of a minute when its message was lost; after that its memory
    /// is worth more than a second opening of the scene.
    let idleMax: Duration
    private let asked = Mutex<AsyncStream<Call>.Continuation?>(nil)

    private enum Call: Sendable {
        case serve(Commission)
        /// Nothing was asked for since the `after`th errand of this keeper.
        case idle(after: Int)
    }

    fileprivate struct Commission: Sendable {
        let errand: Errand
        let outcome: CheckedContinuation<Errand.Outcome, Never>
    }

    /// - Parameter home: A path of this keeper's own; nothing that is there stays. By default beside
    ///   other programs' temporary files.
    package init(home: String? = nil, idleMax: Duration = .seconds(60)) {
        self.home = home ?? Self.temporaryHome()
        self.idleMax = idleMax
        // A Blender that died must not end the worker that writes to it.
        _ = signal(SIGPIPE, SIG_IGN)
    }

    private static func temporaryHome() -> String {
        FileManager.default.temporaryDirectory
            .appending(path: "spotrender-blender-\(UUID().uuidString)").path(percentEncoded: false)
    }

    /// Until `body` ends a Blender may be kept between errands; none is left then.
    func keeping<Result, Failure: Error>(
        _ body: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        try await serving { (asked) async throws(Failure) in
            self.asked.withLock {
                precondition($0 == nil, "A keeper is entered once.")
                $0 = asked
            }
            defer { self.asked.withLock { $0 = nil } }
            return try await body()
        }
    }

    /// Serves what `body` asks for.
    private func serving<Result, Failure: Error>(
        _ body: (AsyncStream<Call>.Continuation) async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        let (calls, asked) = AsyncStream.makeStream(of: Call.self)
        let outcome = await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.serve(calls, asked) }
            defer { asked.finish() }
            do throws(Failure) {
                return Swift.Result<Result, Failure>.success(try await body(asked))
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    /// Has a Blender do the errand, one that is there or another. Returns when the errand is over;
    /// unless the Blender is kept, nothing is left of it then. Ends early only when told to.
    func run(_ errand: Errand) async -> Errand.Outcome {
        guard let asked = asked.withLock({ $0 }) else {
            // Nobody keeps what it leaves.
            return await serving { await commission(errand, of: $0) }
        }
        return await commission(errand, of: asked)
    }

    private func commission(
        _ errand: Errand, of asked: AsyncStream<Call>.Continuation
    ) async -> Errand.Outcome {
        await withCheckedContinuation { continuation in
            let commission = Commission(errand: errand, outcome: continuation)
            if case .terminated = asked.yield(.serve(commission)) { commission.end(.canceled) }
        }
    }

    private func serve(
        _ calls: AsyncStream<Call>, _ asked: AsyncStream<Call>.Continuation
    ) async {
        var inbox = Inbox(calls: calls.makeAsyncIterator(), asked: asked)
        var next = await inbox.next(within: nil)
        while let commission = next {
            next = await live(commission, &inbox)
            if next == nil { next = await inbox.next(within: nil) }
        }
    }

    /// What is asked, one after another.
    private struct Inbox {
        var calls: AsyncStream<Call>.Iterator
        let asked: AsyncStream<Call>.Continuation
        private var count = 0

        init(calls: AsyncStream<Call>.Iterator, asked: AsyncStream<Call>.Continuation) {
            self.calls = calls
            self.asked = asked
        }

        /// `nil` when nothing was asked for so long, or nothing will be any more.
        mutating func next(within limit: Duration?) async -> Commission? {
            let (asked, count) = (asked, count)
            return await withTaskGroup(of: Void.self) { group in
                if let limit {
                    group.addTask {
                        do {
                            try await ContinuousClock().sleep(for: limit)
                            asked.yield(.idle(after: count))
                        } catch {
                            // Something was asked.
                        }
                    }
                }
                defer { group.cancelAll() }
                while let call = await calls.next() {
                    switch call {
                    case .idle(let after): if after == count, limit != nil { return nil }
                    case .serve(let commission):
                        self.count += 1
                        return commission
                    }
                }
                return nil
            }
        }
    }

    /// One Blender's life. Answers the errand that came next and wants another.
    private func live(_ first: Commission, _ inbox: inout Inbox) async -> Commission? {
        var current: Commission? = first
        var following: Commission?
        var isKept = false
        var seen = BlenderTranscript()
        do {
            try makeHome(of: first.errand)
            let result = try await Subprocess.run(
                first.errand.configuration, input: .inputWriter, output: .sequence,
                error: .combinedWithOutput
            ) { execution in
                let group = ProcessGroup(leader: execution.processIdentifier.value)
                // An idle one has nothing to lose; nor has what the leader started and left.
                defer { group.kill() }
                var lines = OutputLines(execution.standardOutput)
                while let commission = current {
                    let errand = commission.errand
                    errand.watch.start(group, isOpen: isKept)
                    let isReady: Bool
                    (seen, isReady) = try await attend(errand, execution, &lines)
                    guard isReady else { return }
                    commission.end(.kept)
                    current = nil
                    following = await inbox.next(within: idleMax)
                    guard let next = following, next.errand.opening == errand.opening else {
                        return
                    }
                    isKept = true
                    (current, following) = (next, nil)
                }
            }
            removeHome(of: first.errand)
            current?.end(.ended(result.terminationStatus, seen, wasKept: isKept))
        } catch {
            removeHome(of: first.errand)
            current?.end(first.errand.outcome(of: error))
        }
        return following
    }

    /// Reads Blender's output while the errand's request says what it is to do; whether it is
    /// ready for another.
    private func attend<Failure>(
        _ errand: Errand, _ execution: Execution<CustomWriteInput, SequenceOutput, Failure>,
        _ lines: inout OutputLines
    ) async throws -> (BlenderTranscript, isReady: Bool) {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await order in errand.orders {
                    switch order {
                    case .say(let line): await Self.say(line, to: execution.standardInputWriter)
                    case .keep: return true
                    }
                }
                // What reads ends only when Blender does.
                await execution.teardown(
                    using: errand.configuration.platformOptions.teardownSequence)
                return false
            }
            let seen = try await errand.read(&lines)
            errand.over()
            let isReady = try await group.next() ?? false
            return (seen, isReady && !lines.isOver)
        }
    }

    /// A Blender that can't be told has ended, and its output's end says so next.
    private static func say(_ line: String, to input: StandardInputWriter) async {
        do { _ = try await input.write(line + "\n") } catch {}
    }

    private func makeHome(of errand: Errand) throws(RenderFailure) {
        guard errand.directory == home else { return }
        removeHome(of: errand)
        do {
            try FileManager.default.createDirectory(
                atPath: home, withIntermediateDirectories: true)
        } catch {
            throw RenderFailure(.disk, "Blender's home can't be made at \(home): \(error)")
        }
    }

    private func removeHome(of errand: Errand) {
        guard errand.directory == home else { return }
        do {
            try FileManager.default.removeItem(atPath: home)
        } catch {
            // It is not there, or else the next one clears it away.
        }
    }
}

extension ResidentBlender.Commission {
    /// After the last that is heard of it, and once.
    fileprivate func end(_ outcome: Errand.Outcome) {
        errand.over()
        self.outcome.resume(returning: outcome)
    }
}
