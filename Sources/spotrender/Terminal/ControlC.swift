import ArgumentParser
import UnixSignals

/// What Ctrl-C does to a command.
enum ControlC {
    /// 128 plus the number of SIGINT, as in shells.
    private static let exitCode = ExitCode(130)

    /// Runs `body` until its end or until Ctrl-C, which cancels `body`.
    ///
    /// - Parameter interrupted: Runs after Ctrl-C, before the command exits.
    static func run<Answer: Sendable>(
        _ body: @escaping @Sendable () async throws -> Answer,
        interrupted: () -> Void = {}
    ) async throws -> Answer {
        let signals = await UnixSignalsSequence(trapping: .sigint)
        return try await withThrowingTaskGroup(of: Answer?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                for await _ in signals { return nil }
                return nil
            }
            let first = try await group.next() ?? nil
            group.cancelAll()
            guard let first else {
                interrupted()
                throw exitCode
            }
            return first
        }
    }
}
