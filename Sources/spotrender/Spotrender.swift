import ArgumentParser

/// The farm's command line. Each subcommand has a file of its own.
@main
struct Spotrender: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spotrender",
        abstract: "Renders .blend files on EC2 Spot capacity, or on this machine.",
        version: "0.1.0",
        subcommands: [Local.self, Status.self])
}
