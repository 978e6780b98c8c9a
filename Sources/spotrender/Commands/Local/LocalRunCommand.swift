import ArgumentParser
import Farm
import Foundation
import LocalCloud
import Presentation

/// `spotrender local run`
struct LocalRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Renders a scene on the local farm: submit, watch, download and report.",
        discussion: """
            With --interrupt, the command also interrupts workers while they render a frame, and \
            shows how soon other workers continued. Ctrl-C ends only the watching: the job keeps \
            running. Exits with 1 if the job failed or was canceled.

              spotrender local run scene.blend --frames 1-24 --out frames
              spotrender local run project/ --file scene.blend
              spotrender local run project.zip --interrupt both --interrupt kill
              spotrender local run scene.blend --json | jq .report.bill.totalUSD
            """)

    @OptionGroup var options: LocalOptions
    @OptionGroup var output: JSONOption
    @Argument(
        help: "The .blend file, the project's folder, or its .zip or .tar.gz.", completion: .file())
    var path: String
    @OptionGroup(title: "Render options") var render: RenderOptions
    @Option(help: "The folder for the frames.")
    var out = "frames"
    @Option(
        help: "Interrupt a worker by imds, eventbridge, both or kill. May be given several times.")
    var interrupt: [DetectionStatistics.Method] = []
    @Option(help: "How many times to repeat the interruptions.")
    var interruptRounds = 1
    @Option(help: "Seconds from the notice to the instance's end (on EC2: 120).")
    var interruptAfter = 10

    func validate() throws {
        guard (1...1000).contains(interruptRounds) else {
            throw ValidationError("--interrupt-rounds must be 1 to 1000.")
        }
        guard (0...3600).contains(interruptAfter) else {
            throw ValidationError("--interrupt-after must be 0 to 3600 seconds.")
        }
    }

    func run() async throws {
        let cloud = options.cloud(isForProgram: output.json)
        // Fails before the upload if the local cloud is down.
        _ = try await cloud.status()
        let connection = try options.connect()
        let submission = try await Submission(LocalScene(path), render)
        let start = Date()
        let receipt = try await submission.send(to: connection, isShown: !output.json)
        if !output.json { receipt.lines(of: submission).forEach(show) }
        let job = try await watch(receipt.job, cloud, connection)
        let frames = FrameDownload(
            connection: connection, folder: absolute(out),
            isShown: Terminal.isThere && !output.json)
        // The watch has trapped Ctrl-C, so the download needs its own trap.
        let download = try await ControlC.run { try await frames.run(job) }
        let summary = try await LocalRunSummary(
            job, cloud: cloud, connection: connection, start: start)
        if output.json {
            try showJSON(summary.document(folder: download.folder))
        } else {
            show(download.sentence)
            summary.lines(folder: download.folder, logs: options.folder.logs).forEach(show)
        }
        guard case .succeeded = job.state else { throw ExitCode.failure }
    }

    /// Watches the job while the interruptions run beside it.
    private func watch(
        _ id: JobID, _ cloud: LocalCloud, _ connection: Connection
    ) async throws -> Job {
        let methods = (0..<interruptRounds).flatMap { _ in interrupt }
        let watch = JobWatch(
            connection: connection, id: id, isForProgram: output.json,
            // Lines about interruptions would disturb the picture.
            isDrawn: Terminal.isThere && methods.isEmpty)
        let interrupter = Interrupter(
            cloud: cloud, connection: connection, job: id, afterSeconds: interruptAfter)
        return try await withThrowingTaskGroup(of: Job?.self) { group in
            group.addTask { try await watch.run(isExpected: true) }
            group.addTask {
                try await interrupter.run(InterruptionPlan(methods))
                return nil
            }
            defer { group.cancelAll() }
            while let ended = try await group.next() {
                if let job = ended { return job }
            }
            preconditionFailure("The watch returns a job or throws.")
        }
    }
}
