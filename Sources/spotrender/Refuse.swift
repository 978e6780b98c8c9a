import ArgumentParser
import Foundation
import HTTP
import LocalCloud
import Presentation

extension Local {
    /// No Spot instance is to be had for a while.
    struct Refuse: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lets EC2 have no Spot capacity for a while; what runs goes on.",
            discussion: """

                  spotrender local refuse --for 120
                  spotrender local refuse --for 0
                """)

        @OptionGroup var options: Options
        @OptionGroup var output: JSONOption
        @Option(name: .customLong("for"), help: "Seconds. 0 ends an earlier refusal.")
        var seconds = 300

        func validate() throws {
            guard (0...86_400).contains(seconds) else {
                throw ValidationError("--for wants 0 to 86400 seconds.")
            }
        }

        func run() async throws {
            try await options.cloud().refuseSpot(seconds: seconds)
            if output.json { return try sayJSON(LocalShortageDocument(shortageSeconds: seconds)) }
            say(
                seconds == 0
                    ? "Spot instances can be had again." : "No Spot instance for \(seconds) s.")
        }
    }
}
