import FoundationEssentials
import Subprocess

/// Starts programs that keep running after this one, and ends them.
package struct Daemon: Sendable {
    private let state: StateFolder
    private let pause: @Sendable (Duration) async -> Void

    package init(state: StateFolder, pause: @escaping @Sendable (Duration) async -> Void) {
        self.state = state
        self.pause = pause
    }

    /// Starts a program in its own session, with exactly this environment.
    ///
    /// The program writes its own record, because only it knows its process ID for certain.
    package func start(
        _ command: [String], environment: [String: String], log: String
    ) async throws(LocalCloudError) {
        var variables = environment
        variables[StateFolder.marker] = state.path
        do {
            // setsid forks and ends. The shell only redirects the output to a file.
            let result = try await Subprocess.run(
                .name("setsid"),
                arguments: Arguments(
                    [
                        "-f", "sh", "-c", #"log=$1; shift; exec "$@" </dev/null >>"$log" 2>&1"#,
                        "sh", log,
                    ]
                        + command),
                environment: .custom(
                    Dictionary(
                        uniqueKeysWithValues: variables.map {
                            (Environment.Key(stringLiteral: $0.key), $0.value)
                        })),
                input: .none, output: .discarded, error: .discarded)
            guard case .exited(0) = result.terminationStatus else {
                throw LocalCloudError(
                    "start \(command[0])", "setsid ended with \(result.terminationStatus).")
            }
        } catch let error as LocalCloudError {
            throw error
        } catch {
            throw LocalCloudError(
                "start \(command[0])", "\(error). Debian has setsid in its package util-linux.")
        }
    }

    /// Asks a process to end, and kills the process if it still runs after `bound`.
    package func end(_ record: ProcessRecord, asking signal: Int32, within bound: Duration) async {
        ProcessTable.send(signal, to: record)
        if await isGone(record, within: bound) { return }
        ProcessTable.send(9, to: record)
        _ = await isGone(record, within: .seconds(5))
    }

    package func isGone(_ record: ProcessRecord, within bound: Duration) async -> Bool {
        for _ in 0..<Int(bound / .milliseconds(50)) {
            if !ProcessTable.isAlive(record) { return true }
            await pause(.milliseconds(50))
        }
        return !ProcessTable.isAlive(record)
    }

    /// Kills every process that has this cloud's variable, with or without a record.
    ///
    /// - Returns: The processes that still run.
    package func endAll() async -> [ProcessRecord] {
        for _ in 0..<40 {
            let left = ProcessTable.marked(StateFolder.marker, state.path)
            if left.isEmpty { return [] }
            for record in left { ProcessTable.send(9, to: record) }
            await pause(.milliseconds(50))
        }
        return ProcessTable.marked(StateFolder.marker, state.path)
    }
}
