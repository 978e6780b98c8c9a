import FoundationEssentials
import Glibc
package import HTTP
import Subprocess

/// The farm on one machine: `up` brings it about, `down` leaves nothing running.
package struct LocalCloud: Sendable {
    package struct Ports: Sendable {
        package var transport: any HTTPTransport
        package var pause: @Sendable (Duration) async -> Void
        /// Hexadecimal digits that nobody can guess, as many as asked for.
        package var randomHex: @Sendable (Int) -> String
        /// Tells the person in front what is being done.
        package var say: @Sendable (String) -> Void

        package init(
            transport: any HTTPTransport,
            pause: @escaping @Sendable (Duration) async -> Void,
            randomHex: @escaping @Sendable (Int) -> String,
            say: @escaping @Sendable (String) -> Void
        ) {
            self.transport = transport
            self.pause = pause
            self.randomHex = randomHex
            self.say = say
        }
    }

    package let state: StateFolder
    let ports: Ports
    let daemon: Daemon

    package init(state: StateFolder, ports: Ports) {
        self.state = state
        self.ports = ports
        self.daemon = Daemon(state: state, pause: ports.pause)
    }

    // MARK: Up

    /// - Parameter program: Path of the command-line program, which is also the plane's.
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
                "\(settings.dist)/\(name) is not there: run `make package` first.")
        }
        let wanted = settings.project + "/infra/requirements.txt"
        guard manager.fileExists(atPath: wanted) else {
            throw LocalCloudError(
                "start the local cloud",
                "\(settings.project) is not the project's folder: go there, or name it by --project."
            )
        }
        let remedy = "run `make setup` in \(settings.project)."
        guard manager.fileExists(atPath: settings.python) else {
            throw LocalCloudError(
                "start the local cloud", "\(settings.python) is not there: \(remedy)")
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
                "\(settings.project)/.venv \(has), not what infra/requirements.txt names: \(remedy)"
            )
        }
    }

    private func startLauncher(_ settings: LocalSettings) async throws(LocalCloudError) {
        if let record = try state.read(ProcessRecord.self, from: state.launcher),
            ProcessTable.isAlive(record)
        {
            return
        }
        ports.say("Starting the AWS APIs on loopback")
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
        ports.say("Deploying the stacks of infra/ with the packaged programs")
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
        if let record = try state.read(EmulatorRecord.self, from: state.plane),
            ProcessTable.isAlive(record.process)
        {
            return
        }
        ports.say("Starting the Spot plane")
        try state.remove(state.plane)
        try await daemon.start(
            [program, "local", "plane", "--state", state.path],
            environment: ["PATH": settings.path], log: state.log("plane"))
        for _ in 0..<200 {
            await ports.pause(.milliseconds(50))
            if let record = try state.read(EmulatorRecord.self, from: state.plane),
                ProcessTable.isAlive(record.process)
            {
                return
            }
        }
        throw LocalCloudError(
            "start the Spot plane", "The last lines of \(state.log("plane")): \(lastLines("plane"))"
        )
    }

    // MARK: Down

    /// Ends plane, workers, functions and APIs, in this order; may be called at any time.
    ///
    /// - Returns: Whether anything ran.
    package func down() async throws(LocalCloudError) -> Bool {
        let hadAny = !ProcessTable.marked(StateFolder.marker, state.path).isEmpty
        do {
            try await endEmulator()
        } catch {
            // Its record can't be read: its mark finds it below.
        }
        if let record = launcherRecord() {
            // Its state is written on the way out.
            await daemon.end(record, asking: SIGTERM, within: .seconds(15))
        }
        let left = await daemon.endAll()
        guard left.isEmpty else {
            throw LocalCloudError(
                "end the local cloud",
                "These processes do not end: \(left.map { String($0.pid) }.joined(separator: ", "))."
            )
        }
        try state.remove(state.launcher)
        try state.remove(state.plane)
        return hadAny
    }

    /// `nil`, too, when it can't be read: its mark finds the process then.
    private func launcherRecord() -> ProcessRecord? {
        do {
            return try state.read(ProcessRecord.self, from: state.launcher)
        } catch {
            return nil
        }
    }

    private func endEmulator() async throws(LocalCloudError) {
        guard let record = try state.read(EmulatorRecord.self, from: state.plane),
            ProcessTable.isAlive(record.process)
        else { return }
        do {
            _ = try await command(.post, "/shutdown", doing: "end the Spot plane")
        } catch {
            ports.say("\(error)")
        }
        // Workers get ten seconds to hand back what they render.
        if !(await daemon.isGone(record.process, within: .seconds(20))) {
            await daemon.end(record.process, asking: SIGKILL, within: .seconds(5))
        }
    }

    // MARK: Commands

    package func interrupt(_ order: InterruptionOrder) async throws(LocalCloudError) -> String {
        let body: String
        do {
            body = String(decoding: try JSONEncoder().encode(order), as: UTF8.self)
        } catch {
            throw LocalCloudError("interrupt an instance", "\(error)")
        }
        let answer = try await command(
            .post, "/interrupt", body, doing: "interrupt \(order.instance ?? "an instance")")
        return String(decoding: answer, as: UTF8.self)
    }

    /// From now on EC2 has no Spot instance to give, for so long.
    package func refuseSpot(seconds: Int) async throws(LocalCloudError) {
        let operation = "refuse Spot capacity"
        guard let outputs = try state.read(StackOutputs.self, from: state.outputs) else {
            throw LocalCloudError(
                operation, "The local cloud is not up: run `spotrender local up`.")
        }
        let account = try LocalAccount(state)
        _ = try await LoopbackCall(
            transport: ports.transport, port: account.port, secretKey: account.secretKey
        ).send(
            .put, "/_spotrender/refusals",
            #"{"group":"\#(outputs.spotGroup)","seconds":\#(seconds)}"#, operation)
    }

    package func status() async throws(LocalCloudError) -> EmulatorStatus {
        let answer = try await command(.get, "/instances", doing: "list the instances")
        do {
            return try JSONDecoder().decode(EmulatorStatus.self, from: Data(answer))
        } catch {
            throw LocalCloudError("list the instances", "\(error)")
        }
    }

    private func command(
        _ method: HTTPRequest.Method, _ path: String, _ body: String? = nil, doing operation: String
    ) async throws(LocalCloudError) -> [UInt8] {
        guard let record = try state.read(EmulatorRecord.self, from: state.plane) else {
            throw LocalCloudError(
                operation, "The local cloud is not up: run `spotrender local up`.")
        }
        return try await LoopbackCall(
            transport: ports.transport, port: record.port,
            secretKey: try LocalAccount(state).secretKey
        ).send(method, path, body, operation)
    }
}
