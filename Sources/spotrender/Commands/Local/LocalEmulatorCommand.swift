import ArgumentParser
import Foundation
import HTTP
import LocalCloud
import Logging

/// `spotrender local emulator` runs the Spot emulator. `local up` starts it, `local down` ends it.
struct LocalEmulatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "emulator", abstract: "Runs the Spot emulator.", shouldDisplay: false)

    @OptionGroup var options: LocalOptions

    func run() async throws {
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        try await EmulatorProgram(
            state: options.folder, transport: MultiTransport(requestsMax: 16),
            log: Logger(label: "emulator"), now: { Date() }, pause: pause, randomHex: randomHex
        ).run()
    }
}
