import FoundationEssentials
import Glibc
import Subprocess

/// Runs instances as processes on this machine. Each worker has its own session.
package struct MachineHost: InstanceHost {
    private let state: StateFolder
    private let worker: String
    /// Variables that all workers share.
    private let environment: [String: String]

    /// Every process on one instance has this variable.
    static let marker = "SPOTRENDER_LOCAL_INSTANCE"

    package init(state: StateFolder, worker: String, environment: [String: String]) {
        self.state = state
        self.worker = worker
        self.environment = environment
    }

    package func run(
        _ instance: String, metadata: String,
        started: @escaping @Sendable (ProcessRecord) async -> Void
    ) async throws(LocalCloudError) -> String {
        let home = state.instance(instance)
        let log = state.log(instance)
        do {
            try FileManager.default.createDirectory(
                atPath: home + "/work", withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            var options = PlatformOptions()
            options.createSession = true
            // The worker replaces the shell in the same process. Its output goes to a file.
            let result = try await Subprocess.run(
                .name("sh"),
                arguments: ["-c", #"exec "$1" >>"$2" 2>&1"#, "sh", worker, log],
                environment: .custom(variables(instance, home: home, metadata: metadata)),
                platformOptions: options, input: .none, output: .discarded, error: .discarded
            ) { execution in
                if let entry = ProcessTable.find(execution.processIdentifier.value) {
                    await started(entry.record)
                }
            }
            return "\(Self.describe(result.terminationStatus)). "
                + "The last lines of its log: \(lastLines(log))"
        } catch {
            throw LocalCloudError("run \(worker) as \(instance)", "\(error)")
        }
    }

    package func stop(_ process: ProcessRecord) {
        ProcessTable.send(SIGTERM, to: process)
    }

    /// Kills repeatedly, because a process may start another one before it dies.
    package func kill(_ instance: String) {
        for _ in 0..<20 {
            let left = ProcessTable.marked(Self.marker, instance)
            if left.isEmpty { return }
            // A power cut ends all processes at once: the worker must not notice Blender's end.
            for process in left { ProcessTable.send(SIGSTOP, to: process) }
            for process in left { ProcessTable.send(SIGKILL, to: process) }
        }
    }

    private func variables(
        _ instance: String, home: String, metadata: String
    ) -> [Environment.Key: String] {
        var variables = environment
        variables[StateFolder.marker] = state.path
        variables[Self.marker] = instance
        variables["HOME"] = home
        variables["TMPDIR"] = home + "/work"
        variables["SPOTRENDER_WORK_DIR"] = home + "/work"
        variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = metadata
        return Dictionary(
            uniqueKeysWithValues: variables.map {
                (Environment.Key(stringLiteral: $0.key), $0.value)
            })
    }

    /// The last lines of a worker's log, which show why the worker ended.
    private func lastLines(_ log: String) -> String {
        let text = FileManager.default.contents(atPath: log).map {
            String(decoding: $0.suffix(2_000), as: UTF8.self)
        }
        let lines = (text ?? "").split(separator: "\n").suffix(5)
        return lines.isEmpty ? "none" : lines.joined(separator: " | ")
    }

    static func describe(_ status: TerminationStatus) -> String {
        switch status {
        case .exited(let code): "the worker exited with status \(code)"
        case .signaled(let signal): "the worker was ended by signal \(signal)"
        }
    }
}
