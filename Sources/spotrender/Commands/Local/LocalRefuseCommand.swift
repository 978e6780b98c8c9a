import ArgumentParser
import LocalCloud
import Presentation

/// `spotrender local refuse`
struct LocalRefuseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refuse",
        abstract: "Simulates a Spot shortage. Running instances stay.",
        discussion: """

              spotrender local refuse --for 120
              spotrender local refuse --for 0
            """)

    @OptionGroup var options: LocalOptions
    @OptionGroup var output: JSONOption
    @Option(name: .customLong("for"), help: "How many seconds it lasts. 0 ends the shortage.")
    var seconds = 300

    func validate() throws {
        guard (0...86_400).contains(seconds) else {
            throw ValidationError("--for must be 0 to 86400 seconds.")
        }
    }

    func run() async throws {
        try await options.cloud().refuseSpot(seconds: seconds)
        if output.json { return try showJSON(LocalShortageDocument(shortageSeconds: seconds)) }
        show(
            seconds == 0
                ? "Spot instances are available again."
                : "No Spot instance can start for \(seconds) s.")
    }
}
