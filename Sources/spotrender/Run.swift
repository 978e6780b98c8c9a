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
            abstract: "Renders a .blend on the local farm and fetches its frames.")

        @OptionGroup var options: Options
        @Argument(help: "The .blend.")
        var file: String
        @Option(help: "Frames as in 1-240, 1-240:2 or 7. Default: the scene's own.")
        var frames: String?
        @Option(help: "Frames in a task.")
        var chunk: Int?
        @Option(help: "Samples a pixel.")
        var samples: Int?
        @Option(help: "Width and height as in 1920x1080.")
        var resolution: String?
        @Option(help: "Folder for the frames.")
        var out = "frames"
        @Flag(help: "Take a worker away in the middle of a frame.")
        var interruptOne = false
        @Option(help: "Seconds from that notice to the worker's end (EC2's are 120).")
        var interruptAfter = 10

        func run() async throws {
            guard FileManager.default.isReadableFile(atPath: absolute(file)) else {
                throw ValidationError("There is no file \(file) that can be read.")
            }
            var metadata: [String: String] = [:]
            metadata["frames"] = frames
            metadata["chunk"] = chunk.map(String.init)
            metadata["samples"] = samples.map(String.init)
            metadata["resolution"] = resolution
            let cloud = options.cloud()
            let order = RunOrder(
                file: absolute(file), metadata: metadata, out: absolute(out),
                interruptsOne: interruptOne, interruptAfterSeconds: interruptAfter)
            var log = Logger(label: "run") { StreamLogHandler.standardError(label: $0) }
            log.logLevel = .warning
            let run = try LocalRun(cloud: cloud, order: order, log: log, now: { Date() })
            let summary = try await run.run()
            say("\n" + summary.text(out: order.out, state: options.folder))
            guard case .succeeded = summary.state else {
                for reason in try await run.reasons(of: summary.job) { say("  " + reason) }
                throw ExitCode.failure
            }
        }
    }
}
