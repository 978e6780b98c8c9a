import ArgumentParser
import Dashboard
import Farm
import FarmOnAWS
import Logging

/// `spotrender dashboard`
struct DashboardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dashboard",
        abstract: "Serves a local page with the farm's jobs, frames, workers and costs.",
        discussion: """
            Listens only on this machine's loopback address and changes nothing. Ctrl-C ends the \
            page. Jobs keep running.

              spotrender dashboard
              spotrender dashboard shot-1a2b3c4d --port 8080
            """)

    @Argument(help: "Jobs to show after their end, as in shot-1a2b3c4d.")
    var jobs: [String] = []
    @Option(help: "The port. 0 for any free port.")
    var port: UInt16 = 8791
    @OptionGroup var options: FarmOptions

    func run() async throws {
        let farm = try options.connect().farm
        var log = Logger(label: "dashboard") { StreamLogHandler.standardError(label: $0) }
        log.logLevel = .warning
        let dashboard = try Dashboard(
            ports: DashboardPorts(
                jobs: farm.jobs, tasks: farm.tasks, workers: farm.workers, frames: farm.frames,
                time: farm.time),
            port: port, jobs: jobs.map { JobID($0) }, log: log)
        try await withThrowingTaskGroup { group in
            group.addTask { try await dashboard.run() }
            show("The dashboard is at \(try await dashboard.address())")
            try await group.next()
        }
    }
}
