import ArgumentParser
import Foundation
import HTTP
import LocalCloud
import Logging

extension Local {
    /// Runs the Spot emulator. `up` starts this command, `down` ends it.
    struct EmulatorCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "emulator", shouldDisplay: false)

        @OptionGroup var options: Options

        func run() async throws {
            LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
            try await EmulatorProgram(
                state: options.folder, transport: MultiTransport(requestsMax: 16),
                log: Logger(label: "emulator"), now: { Date() }, pause: pause, randomHex: randomHex
            ).run()
        }
    }
}
