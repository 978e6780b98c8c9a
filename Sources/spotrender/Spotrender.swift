import ArgumentParser
import Foundation

/// The farm's command line. Each subcommand has a file of its own.
@main
struct Spotrender: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spotrender",
        abstract: "Renders .blend files on EC2 Spot capacity, or on this machine.",
        discussion: """
            Which farm a command talks to: --stack, the environment, or the one in .spotrender, which \
            `spotrender local up` and `make deploy` write. Ends with 0 when it is done, 1 when it \
            failed, 2 when it was called wrongly.

              spotrender submit scene.blend --frames 1-240 --watch
              spotrender jobs
              spotrender download shot-1a2b3c4d frames
            """,
        version: version,
        subcommands: [
            Inspect.self, EstimateCommand.self, Submit.self, Jobs.self, Status.self, Watch.self,
            Cancel.self, Pause.self,
            Resume.self, Retry.self, Logs.self, Download.self, Fleet.self, Workers.self, Drain.self,
            Report.self, DashboardCommand.self, Local.self,
        ])

    /// As ArgumentParser's own, but for the exit code of wrong usage.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            let code = exitCode(for: error)
            let message = fullMessage(for: error)
            if !message.isEmpty { code == .success ? say(message) : sayAside(message) }
            Foundation.exit(code == .validationFailure ? 2 : code.rawValue)
        }
    }
}
