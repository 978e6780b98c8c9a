import ArgumentParser
import Farm
import FarmOnAWS
import Foundation
import Presentation

/// `spotrender submit`
struct SubmitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit",
        abstract: "Uploads a .blend file or a project, which becomes a job.",
        discussion: """
            The command first checks the scene by the farm's own rules. From a folder, it uploads \
            the scene and the files that the scene refers to, but only the files that the farm does \
            not have yet. It compares files by their SHA-256. It prints the job's name. If an \
            upload is cut off, the same command continues it within two days.

              spotrender submit scene.blend
              spotrender submit project/ --file scene.blend
              spotrender submit project.zip
              spotrender submit scene.blend --frames 1-240:2 --samples 128 --watch
              spotrender submit scene.blend --deadline 2h --budget 5 --json | jq -r .job
            """)

    @Argument(
        help: "The .blend file, the project's folder, or its .zip or .tar.gz.", completion: .file())
    var path: String
    @OptionGroup(title: "Render options") var render: RenderOptions
    @Flag(help: "Show the job's progress until its end.")
    var watch = false
    @OptionGroup var output: JSONOption
    @OptionGroup var options: FarmOptions

    func run() async throws {
        let scene = try LocalScene(path)
        let connection = try options.connect()
        let submission = try await Submission(scene, render)
        let receipt = try await submission.send(to: connection, isShown: !output.json)
        if output.json, !watch {
            return try showJSON(
                SubmissionDocument(
                    job: receipt.job.rawValue, file: scene.path,
                    bucket: connection.settings.inputBucket,
                    framesTotal: submission.settings.frames.count, upload: receipt.upload))
        }
        if !output.json { receipt.lines(of: submission).forEach(show) }
        guard watch else {
            for command in ["watch", "status", "cancel"] {
                show("  spotrender \(command) \(receipt.job)")
            }
            return
        }
        let job = try await JobWatch(
            connection: connection, id: receipt.job, isForProgram: output.json
        ).run(isExpected: true)
        try WatchCommand.end(job, json: output.json)
    }
}

extension Submission.Receipt {
    func lines(of submission: Submission) -> [String] {
        let name = URL(filePath: submission.scene.path).lastPathComponent
        let frames = Format.count(submission.settings.frames.count, "frame")
        return (upload.map { [$0.text] } ?? []) + ["Submitted \(name) as job \(job) (\(frames))"]
    }
}
