import ArgumentParser
import FarmOnAWS
import HTTP
import LocalCloud

/// `spotrender local`
struct LocalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "local",
        abstract: "Runs the whole farm on this machine, without an AWS account.",
        subcommands: [
            LocalUpCommand.self, LocalDownCommand.self, LocalRunCommand.self,
            LocalInterruptCommand.self, LocalRefuseCommand.self, LocalInstancesCommand.self,
            LocalEmulatorCommand.self,
        ])
}

/// The options of every `spotrender local` command.
struct LocalOptions: ParsableArguments {
    @Option(help: "The folder for the local cloud's state and logs.")
    var state = ".spotrender/local"

    var folder: StateFolder { StateFolder(path: absolute(state)) }

    /// - Parameter isForProgram: Progress goes to standard error, because standard output is for a
    ///   JSON document.
    func cloud(isForProgram: Bool = false) -> LocalCloud {
        LocalCloud(
            state: folder,
            ports: LocalCloud.Ports(
                transport: MultiTransport(requestsMax: 8), pause: pause, randomHex: randomHex,
                report: { isForProgram ? note($0) : show($0) }))
    }

    /// The local cloud's farm, as the other commands use it.
    func connect() throws -> Connection {
        try Connection(FarmAddress(stack: folder.environmentScript))
    }
}
