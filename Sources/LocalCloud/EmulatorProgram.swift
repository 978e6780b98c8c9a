package import FoundationEssentials
import Glibc
package import HTTP
package import Logging

/// The process `spotrender local emulator`: runs the Spot emulator and serves its commands.
package struct EmulatorProgram: Sendable {
    private let state: StateFolder
    private let transport: any HTTPTransport
    private let log: Logger
    private let now: @Sendable () -> Date
    private let pause: @Sendable (Duration) async -> Void
    private let randomHex: @Sendable (Int) -> String

    package init(
        state: StateFolder, transport: any HTTPTransport, log: Logger,
        now: @escaping @Sendable () -> Date,
        pause: @escaping @Sendable (Duration) async -> Void,
        randomHex: @escaping @Sendable (Int) -> String
    ) {
        self.state = state
        self.transport = transport
        self.log = log
        self.now = now
        self.pause = pause
        self.randomHex = randomHex
    }

    /// Returns after a shutdown, when no instance is left.
    package func run() async throws {
        let account = try LocalAccount(state)
        guard let settings = try state.read(LocalSettings.self, from: state.settings),
            let outputs = try state.read(StackOutputs.self, from: state.outputs)
        else {
            throw LocalCloudError(
                "start the Spot emulator", "Nothing is deployed: run `spotrender local up`.")
        }
        let emulator = SpotEmulator(
            kind: SpotEmulator.Kind(
                instanceType: LocalSettings.instanceType, region: LocalSettings.region,
                accountID: "000000000000",
                roleName: outputs.workerRole.split(separator: "/").last.map(String.init) ?? ""),
            ports: SpotEmulator.Ports(
                cloud: AWSEmulatorCloud(
                    account: account, outputs: outputs,
                    client: try account.client(transport, log), now: now),
                host: MachineHost(
                    state: state, worker: settings.worker,
                    environment: environment(account, settings, outputs)),
                journal: Journal(path: state.journal), now: now, pause: pause,
                metadata: { [now, randomHex] identity throws(LocalCloudError) in
                    try MetadataEndpoint(
                        identity: identity, now: now, newToken: { randomHex(56) })
                }),
            log: log)
        let control = try EmulatorControl(emulator: emulator, secretKey: account.secretKey)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await control.serve() }
            defer { group.cancelAll() }
            let port = try await control.port()
            guard let own = ProcessTable.find(getpid()) else {
                throw LocalCloudError(
                    "start the Spot emulator", "/proc does not show this process.")
            }
            try state.write(EmulatorRecord(process: own.record, port: port), to: state.emulator)
            await emulator.run()
        }
    }

    /// The variables that a worker has on AWS. As on AWS, its keys come from the metadata.
    private func environment(
        _ account: LocalAccount, _ settings: LocalSettings, _ outputs: StackOutputs
    ) -> [String: String] {
        var variables = outputs.environment(settings)
        variables["PATH"] = settings.path
        variables["LANG"] = "C.UTF-8"
        variables["AWS_REGION"] = LocalSettings.region
        variables["AWS_ENDPOINT_URL"] = account.endpoint
        variables["SPOTRENDER_WORKER_DISK_GIB"] = String(LocalSettings.diskGiB)
        variables["SPOTRENDER_LOG_LEVEL"] = "INFO"
        variables["SPOTRENDER_BLENDER"] = settings.blender
        variables["SPOTRENDER_SANDBOX"] = settings.sandbox
        return variables
    }
}
