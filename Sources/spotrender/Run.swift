import ArgumentParser
import Farm
import Foundation
import HTTP
import LocalCloud
import Logging

extension Local {
    /// One scene from upload to frames.
    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Renders a .blend on the local farm and fetches its frames.",
            discussion: """
                Ends with 1 when the job failed.

                  spotrender local run scene.blend --frames 1-24 --out frames
                  spotrender local run project.zip --interrupt both --interrupt kill
                  spotrender local run scene.blend --json | jq .report.bill.totalUSD
                """)

        @OptionGroup var options: Options
        @OptionGroup var output: JSONOption
        @Argument(help: "The .blend, or a project's .zip or .tar.gz.")
        var file: String
        @OptionGroup var wanted: RenderOptions
        @Option(help: "Folder for the frames.")
        var out = "frames"
        @Option(
            help: "Take a worker away in the middle of a frame: by imds, eventbridge, both, kill.")
        var interrupt: [DetectionStatistics.Method] = []
        @Option(help: "Do it so many times by each --interrupt that is given.")
        var interruptRounds = 1
        @Option(help: "Seconds from that notice to the worker's end (EC2's are 120).")
        var interruptAfter = 10

        func validate() throws {
            guard (1...1000).contains(interruptRounds) else {
                throw ValidationError("--interrupt-rounds wants 1 to 1000.")
            }
        }

        func run() async throws {
            guard FileManager.default.isReadableFile(atPath: absolute(file)) else {
                throw ValidationError("There is no file \(file) that can be read.")
            }
            let cloud = options.cloud(isForProgram: output.json)
            let order = RunOrder(
                file: absolute(file), metadata: wanted.metadata, out: absolute(out),
                interruptions: (0..<interruptRounds).flatMap { _ in interrupt },
                interruptAfterSeconds: interruptAfter)
            var log = Logger(label: "run") { StreamLogHandler.standardError(label: $0) }
            log.logLevel = .warning
            let run = try LocalRun(cloud: cloud, order: order, log: log, now: { Date() })
            let summary = try await run.run()
            let isDone = summary.state == .succeeded
            let reasons = isDone ? [] : try await run.reasons(of: summary.job)
            if output.json {
                try sayJSON(summary.document(folder: order.out, reasons: reasons))
            } else {
                say("\n" + summary.text(out: order.out, state: options.folder))
                for reason in reasons { say("  " + reason) }
            }
            if !isDone { throw ExitCode.failure }
        }
    }
}
