import FoundationEssentials
import Glibc
package import HTTP
import Subprocess

/// The farm on one machine: `up` starts it, `down` ends all of its processes.
package struct LocalCloud: Sendable {
    package struct Ports: Sendable {
        package var transport: any HTTPTransport
        package var pause: @Sendable (Duration) async -> Void
        /// Returns this number of random hexadecimal digits, fit for a secret.
        package var randomHex: @Sendable (Int) -> String
        /// Shows the user a line about the current step.
        package var report: @Sendable (String) -> Void

        package init(
            transport: any HTTPTransport,
            pause: @escaping @Sendable (Duration) async -> Void,
            randomHex: @escaping @Sendable (Int) -> String,
            report: @escaping @Sendable (String) -> Void
        ) {
            self.transport = transport
            self.pause = pause
            self.randomHex = randomHex
            self.report = report
        }
    }

    package let state: StateFolder
    package let ports: Ports
    let daemon: Daemon

    package init(state: StateFolder, ports: Ports) {
        self.state = state
        self.ports = ports
        self.daemon = Daemon(state: state, pause: ports.pause)
    }

    // MARK: Up

    /// - Parameter program: Path of the command-line program. The Spot emulator is one of its
    ///   subcommands.
    package func up(_ settings: LocalSettings, program: String) async throws(LocalCloudError) {
        try await check(settings)
        try state.create()
        if state.read(state.credentials) == nil {
            // AKIA and 16 letters or digits: the shape of an access key, IAM user guide.
            let name = ports.randomHex(16).uppercased()
            try state.write("AKIA\(name) \(ports.randomHex(40))\n", to: state.credentials)
        }
        try state.write(settings, to: state.settings)
        try await startLauncher(settings)
        let before = state.read(state.outputs)
        try await deploy(settings)
        var variables = try LocalAccount(state).environment
        if let outputs = try state.read(StackOutputs.self, from: state.outputs) {
            variables.merge(outputs.environment(settings)) { $1 }
        }
        let lines = variables.sorted { $0.key < $1.key }.map { "export \($0.key)=\($0.value)" }
        try state.write(lines.joined(separator: "\n") + "\n", to: state.environmentScript)
        if before != nil, before != state.read(state.outputs) { try await endEmulator() }
        try await startEmulator(settings, program: program)
    }

    private func check(_ settings: LocalSettings) async throws(LocalCloudError) {
        let manager = FileManager.default
        for name in [
            "job-splitter.zip", "spot-interruption-handler.zip", "fleet-scaler.zip",
            "render-worker", "render-worker.tar.gz",
        ]
        where !manager.fileExists(atPath: "\(settings.dist)/\(name)") {
            throw LocalCloudError(
                "start the local cloud",
                "\(settings.dist)/\(name) does not exist: run `make package` first.")
        }
        let wanted = settings.project + "/infra/requirements.txt"
        guard manager.fileExists(atPath: wanted) else {
            throw LocalCloudError(
                "start the local cloud",
                "\(settings.project) is not the project's folder: change to it, or pass it with --project."
            )
        }
        let remedy = "run `make setup` in \(settings.project)."
        guard manager.fileExists(atPath: settings.python) else {
            throw LocalCloudError(
                "start the local cloud", "\(settings.python) does not exist: \(remedy)")
        }
        let found = try await run(
            [
                settings.python, "-c",
                "import sys, importlib.metadata as m; sys.stdout.write(m.version('ministack'))",
            ],
            environment: ["PATH": settings.path], doing: "look for MiniStack")
        let version = found.output.filter { !$0.isWhitespace }
        guard found.isSuccess, "\n\(Self.text(wanted))\n".contains("\nministack==\(version)\n")
        else {
            let has = found.isSuccess ? "has MiniStack \(version)" : "lacks MiniStack"
            throw LocalCloudError(
                "start the local cloud",
                "\(settings.project)/.venv \(has), unlike infra/requirements.txt: \(remedy)"
            )
        }
    }

    private func startLauncher(_ settings: LocalSettings) async throws(LocalCloudError) {
        if let record = try state.read(ProcessRecord.self, from: state.launcher),
            ProcessTable.isAlive(record)
        {
            return
        }
        ports.report("Starting the AWS APIs on loopback")
        try state.remove(state.launcher)
        try await daemon.start(
            [
                settings.python, settings.project + "/infra/local/launcher.py",
                "--state", state.path,
                "--prices", settings.project + "/infra/local/spot-prices.csv",
                "--schedule-seconds", String(settings.scheduleSeconds),
            ],
            environment: ["PATH": settings.path], log: state.log("launcher"))
        for _ in 0..<600 {
            await ports.pause(.milliseconds(50))
            if await isReady() { return }
            let record = try state.read(ProcessRecord.self, from: state.launcher)
            let living = ProcessTable.marked(StateFolder.marker, state.path)
            if record.map({ !ProcessTable.isAlive($0) }) ?? living.isEmpty { break }
        }
        throw LocalCloudError(
            "start the AWS APIs",
            "The last lines of \(state.log("launcher")): \(lastLines("launcher"))")
    }

    private func isReady() async -> Bool {
        guard let text = state.read(state.port), let port = UInt16(text),
            state.read(state.launcher) != nil
        else { return false }
        do {
            return try await ports.transport.send(
                HTTPRequest(
                    .get, "http://127.0.0.1:\(port)/_ministack/ready",
                    bounds: HTTPBounds(connect: .seconds(1), total: .seconds(2)))
            ).status == 200
        } catch {
            return false
        }
    }

    private func deploy(_ settings: LocalSettings) async throws(LocalCloudError) {
        ports.report("Deploying the stacks of infra/ with the packaged programs")
        let account = try LocalAccount(state)
        let result = try await run(
            [
                settings.python, settings.project + "/infra/deploy.py",
                "--endpoint-url", account.endpoint, "--stack", LocalSettings.stack,
                "--dist", settings.dist, "--outputs", state.outputs,
                "--parameter", "RequireTls=false",
                "--parameter", "FleetMax=\(settings.fleetMax)",
                "--parameter", "OnDemandBase=\(settings.onDemand)",
                "--parameter", "OnDemandMax=\(settings.onDemandMax)",
                "--parameter", "TurnAroundSeconds=\(settings.turnAroundSeconds)",
                "--parameter", "IdleGraceSeconds=\(settings.idleGraceSeconds)",
                "--parameter", "LaunchWaitSeconds=\(settings.launchWaitSeconds)",
                "--parameter", "LeaseSeconds=\(settings.leaseSeconds)",
            ],
            environment: account.environment.merging(["PATH": settings.path]) { own, _ in own },
            doing: "deploy the stack")
        guard result.isSuccess else {
            throw LocalCloudError("deploy the stack", result.output)
        }
    }

    private func startEmulator(
        _ settings: LocalSettings, program: String
    ) async throws(LocalCloudError) {
        if let record = try state.read(EmulatorRecord.self, from: state.emulator),
            ProcessTable.isAlive(record.process)
        {
            return
        }
        ports.report("Starting the Spot emulator")
        try state.remove(state.emulator)
        try await daemon.start(
            [program, "local", "emulator", "--state", state.path],
            environment: ["PATH": settings.path], log: state.log("emulator"))
        for _ in 0..<200 {
            await ports.pause(.milliseconds(50))
            if let record = try state.read(EmulatorRecord.self, from: state.emulator),
                ProcessTable.isAlive(record.process)
            {
                return
            }
        }
        throw LocalCloudError(
            "start the Spot emulator",
            "The last lines of \(state.log("emulator")): \(lastLines("emulator"))")
    }

    // MARK: Down

    /// Ends the emulator, the workers, the functions and the APIs, in this order. May be called at
    /// any time.
    ///
    /// - Returns: Whether any process was running.
    package func down() async throws(LocalCloudError) -> Bool {
        let hadAny = !ProcessTable.marked(StateFolder.marker, state.path).isEmpty
        do {
            try await endEmulator()
        } catch {
            // The record is unreadable. `endAll` finds the process by its variable.
        }
        if let record = launcherRecord() {
            // MiniStack writes its state before it ends.
            await daemon.end(record, asking: SIGTERM, within: .seconds(15))
        }
        let left = await daemon.endAll()
        guard left.isEmpty else {
            throw LocalCloudError(
                "end the local cloud",
                "These processes still run: \(left.map { String($0.pid) }.joined(separator: ", "))."
            )
        }
        try state.remove(state.launcher)
        try state.remove(state.emulator)
        return hadAny
    }

    /// `nil` also if the record is unreadable. Then `endAll` finds the process by its variable.
    private func launcherRecord() -> ProcessRecord? {
        do {
            return try state.read(ProcessRecord.self, from: state.launcher)
        } catch {
            return nil
        }
    }

    private func endEmulator() async throws(LocalCloudError) {
        guard let record = try state.read(EmulatorRecord.self, from: state.emulator),
            ProcessTable.isAlive(record.process)
        else { return }
        do {
            _ = try await command(.post, "/shutdown", doing: "end the Spot emulator")
        } catch {
            ports.report("\(error)")
        }
        // Workers have ten seconds to return their tasks to the queue.
        if !(await daemon.isGone(record.process, within: .seconds(20))) {
            await daemon.end(record.process, asking: SIGKILL, within: .seconds(5))
        }
    }
}
