import ArgumentParser
import Farm
import LocalCloud
import Presentation

/// `spotrender local interrupt`
struct LocalInterruptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "interrupt",
        abstract: "Interrupts an instance as EC2 does: first the notice, later the end.",
        discussion: """

              spotrender local interrupt
              spotrender local interrupt i-0123456789abcdef0 --after 30 --method imds
              spotrender local interrupt --method kill --json | jq -r .worker
            """)

    @OptionGroup var options: LocalOptions
    @OptionGroup var output: JSONOption
    @Argument(help: "The instance. Default: the instance that has run longest.")
    var instance: String?
    @Option(help: "Seconds from the notice to the end.")
    var after = 120
    @Option(
        help: "How the notice arrives: imds (metadata), eventbridge (event), both. kill: no notice."
    )
    var method = DetectionStatistics.Method.both

    func validate() throws {
        guard (0...3600).contains(after) else {
            throw ValidationError("--after must be 0 to 3600 seconds.")
        }
    }

    func run() async throws {
        let instance = try await options.cloud().interrupt(
            InterruptionOrder(instance: instance, afterSeconds: after, method: method))
        if output.json {
            return try showJSON(
                LocalInterruptionDocument(
                    worker: instance, method: method.rawValue,
                    endsAfterSeconds: method == .kill ? 0 : after))
        }
        show(
            method == .kill
                ? "\(instance) ended without a notice."
                : "\(instance) got its notice and ends in \(after) s.")
    }
}

extension DetectionStatistics.Method: ExpressibleByArgument {}
