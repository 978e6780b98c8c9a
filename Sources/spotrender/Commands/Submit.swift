import ArgumentParser
import Presentation
import Farm
import FarmOnAWS
import Foundation

/// Uploads a scene, which makes it a job.
struct Submit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Uploads a .blend or a project, which makes it a job.",
        discussion: """
            It is checked first, by the farm's own rules. Of a folder, the scene and the files that it
            refers to are uploaded, each only if the farm does not have its content yet. Prints the
            job's name. An upload that broke off goes on where it was when the same command is given
            again within two days.

              spotrender submit scene.blend
              spotrender submit project/ --file scene.blend
              spotrender submit project.zip
              spotrender submit scene.blend --frames 1-240:2 --samples 128 --watch
              spotrender submit scene.blend --deadline 2h --budget 5 --json | jq -r .job
            """)

    @Argument(
        help: "The .blend, the project's folder, or its .zip or .tar.gz.", completion: .file())
    var path: String
    @OptionGroup(title: "Render options") var render: RenderOptions
    @Flag(help: "Show the job as it goes, until it is done.")
    var watch = false
    @OptionGroup var output: JSONOption
    @OptionGroup var options: FarmOptions

    func run() async throws {
        let scene = try LocalScene(path)
        let connection = try options.connect()
        let inspection = try await scene.inspectUpload(file: render.file)
        let wanted = try render.check(inspection)
        let (id, sent) = try await connection.upload(
            scene, inspection, render.metadata, isShown: !output.json)
        if output.json, !watch {
            return try sayJSON(
                SubmissionDocument(
                    job: id.rawValue, file: scene.path, bucket: connection.settings.inputBucket,
                    framesTotal: wanted.frames.count, upload: sent))
        }
        if !output.json {
            if let sent { say(sent.text) }
            say("\(id): \(Format.count(wanted.frames.count, "frame")) of \(path)")
        }
        guard watch else {
            for command in ["watch", "status", "cancel"] { say("  spotrender \(command) \(id)") }
            return
        }
        let settled = try await JobWatch(
            connection: connection, id: id, isForProgram: output.json
        ).run(isExpected: true)
        try Watch.end(settled, json: output.json)
    }
}
