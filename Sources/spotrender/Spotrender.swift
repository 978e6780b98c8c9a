import ArgumentParser
import Foundation

/// The command line. Each subcommand has its own file in Commands/.
@main
struct Spotrender: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spotrender",
        abstract: "Renders Blender scenes on EC2 Spot instances, or on this machine.",
        discussion: """
            A command finds its farm by --stack, by the environment, or by the one farm in \
            .spotrender, which `make deploy` and `spotrender local up` write.

            Exit codes: 0 done, 1 failed, 2 wrong usage, 130 Ctrl-C.

              spotrender submit scene.blend --frames 1-240 --watch
              spotrender jobs
              spotrender download shot-1a2b3c4d frames
            """,
        version: version,
        subcommands: [
            InspectCommand.self, EstimateCommand.self, SubmitCommand.self, JobsCommand.self,
            StatusCommand.self, WatchCommand.self, CancelCommand.self, PauseCommand.self,
            ResumeCommand.self, RetryCommand.self, LogsCommand.self, DownloadCommand.self,
            FleetCommand.self, WorkersCommand.self, DrainCommand.self, ReportCommand.self,
            DashboardCommand.self, LocalCommand.self,
        ])

    /// Like ArgumentParser's own `main`, except for the exit code of wrong usage.
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
            if !message.isEmpty { code == .success ? show(message) : note(message) }
            Foundation.exit(code == .validationFailure ? 2 : code.rawValue)
        }
    }
}
