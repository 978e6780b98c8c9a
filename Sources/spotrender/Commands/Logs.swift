import ArgumentParser
import Presentation
import Farm
import FarmOnAWS
import Foundation

/// What Blender itself said.
struct Logs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows Blender's own output of an attempt: of the last that failed.",
        discussion: """
            The output goes to standard output, a line about the attempt to standard error.

              spotrender logs shot-1a2b3c4d                 the last attempt that failed
              spotrender logs shot-1a2b3c4d 12              of task 12
              spotrender logs shot-1a2b3c4d 12 --attempt 1  the first of task 12
              spotrender logs shot-1a2b3c4d --json | jq -r .output
            """)

    @Argument(help: "The job, as in shot-1a2b3c4d.")
    var job: String
    @Argument(help: "A task's number.")
    var task: Int?
    @Option(help: "An attempt's number.")
    var attempt: Int?
    @OptionGroup var output: JSONOption
    @OptionGroup var options: FarmOptions

    func run() async throws {
        let connection = try options.connect()
        let id = JobID(job)
        _ = try await connection.job(id)
        let attempts = try await connection.farm.tasks.attempts(of: id)
        guard let chosen = LogChoice.choose(attempts, task: task, attempt: attempt) else {
            throw PortError(
                .missing, "show a log of \(id)",
                "no such attempt has ended yet; `spotrender status \(id)` shows how far it is")
        }
        if !output.json { sayAside(LogChoice.title(chosen)) }
        let key = chosen.report?.logKey ?? chosen.task.logKey(chosen.token)
        guard let text = try await connection.files.log(at: key) else {
            throw PortError(
                .missing, "show the log of task \(chosen.task.number), attempt \(chosen.token)",
                "its worker stored none: it was gone, or Blender had not begun")
        }
        guard output.json else { return FileHandle.standardOutput.write(Data(text)) }
        try sayJSON(
            LogDocument(
                job: id.rawValue, task: chosen.task.number, attempt: chosen.token.rawValue,
                worker: chosen.worker.rawValue, title: LogChoice.title(chosen),
                output: String(decoding: text, as: UTF8.self)))
    }
}
