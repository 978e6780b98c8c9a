import ArgumentParser
import Dashboard
import Farm
import FarmOnAWS
import Logging

/// A local page over the farm.
struct DashboardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dashboard",
        abstract: "Shows the farm on a local page: jobs, frames as they land, workers, cost.",
        discussion: """
            Listens on this machine's loopback address only, and changes nothing. Ctrl-C ends it; \
            jobs go on.

              spotrender dashboard
              spotrender dashboard shot-1a2b3c4d --port 8080
            """)

    @Argument(help: "Jobs to show although they are settled, as in shot-1a2b3c4d.")
    var jobs: [String] = []
    @Option(help: "Port. 0 for any that is free.")
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
            say("The dashboard is at \(try await dashboard.address())")
            try await group.next()
        }
    }
}
