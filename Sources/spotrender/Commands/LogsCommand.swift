import ArgumentParser
import Farm
import FarmOnAWS
import Foundation
import Presentation

/// `spotrender logs`
struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Shows Blender's log, by default of the last failed attempt.",
        discussion: """
            The log goes to standard output. A line about the attempt goes to standard error.

              spotrender logs shot-1a2b3c4d                 the last failed attempt
              spotrender logs shot-1a2b3c4d 12              the last attempt of task 12
              spotrender logs shot-1a2b3c4d 12 --attempt 1  the first attempt of task 12
              spotrender logs shot-1a2b3c4d --json | jq -r .output
            """)

    @Argument(help: "The job's name, as in shot-1a2b3c4d.")
    var job: String
    @Argument(help: "The task's number.")
    var task: Int?
    @Option(help: "The attempt's number.")
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
                "no such attempt has ended yet; `spotrender status \(id)` shows the progress")
        }
        if !output.json { note(LogChoice.title(chosen)) }
        let key = chosen.report?.logKey ?? chosen.task.logKey(chosen.token)
        guard let text = try await connection.files.log(at: key) else {
            throw PortError(
                .missing, "show the log of task \(chosen.task.number), attempt \(chosen.token)",
                "the worker stored no log: it ended too early, or Blender had not started")
        }
        guard output.json else {
            let log = String(decoding: text, as: UTF8.self)
            // `show` ends the last line.
            return show(log.hasSuffix("\n") ? String(log.dropLast()) : log)
        }
        try showJSON(
            LogDocument(
                job: id.rawValue, task: chosen.task.number, attempt: chosen.token.rawValue,
                worker: chosen.worker.rawValue, title: LogChoice.title(chosen),
                output: String(decoding: text, as: UTF8.self)))
    }
}
