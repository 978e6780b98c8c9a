import ArgumentParser
import Farm
import Presentation

/// `spotrender download`
struct DownloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "download",
        abstract: "Downloads a job's frames into a folder and verifies each file.",
        discussion: """
            Also downloads the job's contact sheet and video. The files of the scene's File Output \
            nodes go to the folder extras. Files that are there already and unchanged are kept, so \
            the same command continues a download that was cut off. It also works while the job is \
            running.

              spotrender download shot-1a2b3c4d frames
              spotrender download shot-1a2b3c4d everything --all
            """)

    @Argument(help: "The job's name, as in shot-1a2b3c4d.")
    var job: String
    @Argument(help: "The folder. The command creates it if needed.", completion: .directory)
    var folder: String
    @Flag(help: "All of the job's files, with thumbnails and logs, in one folder for each kind.")
    var all = false
    @OptionGroup var output: JSONOption
    @OptionGroup var options: FarmOptions

    func run() async throws {
        let connection = try options.connect()
        let job = try await connection.job(JobID(job))
        let document = try await FrameDownload(
            connection: connection, folder: absolute(folder), isComplete: all,
            isShown: Terminal.isThere && !output.json
        ).run(job)
        if output.json { try showJSON(document) } else { show(document, of: job) }
        if !document.refusals.isEmpty { throw ExitCode.failure }
    }

    private func show(_ document: DownloadDocument, of job: Job) {
        spotrender.show(document.sentence)
        if let warning = document.warning { note(warning) }
        if document.framesLeft > 0, !job.state.isSettled {
            spotrender.show(
                "\(Format.count(document.framesLeft, "frame")) left to render. "
                    + "Run the command again later.")
        }
    }
}
