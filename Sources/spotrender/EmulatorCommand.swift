import ArgumentParser
import Foundation
import HTTP
import LocalCloud
import Logging

extension Local {
    /// Started by `up`; runs until `down`.
    struct EmulatorCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(shouldDisplay: false)

        @OptionGroup var options: Options

        func run() async throws {
            LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
            try await EmulatorProgram(
                state: options.folder, transport: MultiTransport(requestsMax: 16),
                log: Logger(label: "plane"), now: { Date() }, pause: pause, randomHex: randomHex
            ).run()
        }
    }
}
