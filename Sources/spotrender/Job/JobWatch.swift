import Farm
import FarmOnAWS
import Foundation
import Presentation

/// Shows a job until it has ended. Ctrl-C ends the watching. The job keeps running.
struct JobWatch: Sendable {
    let connection: Connection
    let id: JobID
    /// Progress goes to standard error, because standard output is for a JSON document.
    let isForProgram: Bool
    /// Draws a picture that replaces the last one, where there is a terminal.
    var isDrawn = Terminal.isThere

    /// The splitter answers an upload within seconds. After this time something is wrong.
    private static let splitBound: Duration = .seconds(180)
    /// A job that was submitted a moment ago may be unknown for this long.
    private static let unknownBound: Duration = .seconds(15)
    /// Attempts are read again no more often than this, because there may be many.
    private static let attemptsInterval: Duration = .seconds(15)

    /// - Parameter isExpected: The job was submitted a moment ago and may not exist yet.
    /// - Returns: The job after its end.
    func run(isExpected: Bool) async throws -> Job {
        try await ControlC.run {
            try await watch(isExpected: isExpected)
        } interrupted: {
            note(
                """

                \(id) keeps running.
                  spotrender watch \(id)     shows it again
                  spotrender cancel \(id)    ends it
                """)
        }
    }

    private func watch(isExpected: Bool) async throws -> Job {
        let farm = connection.farm
        let start = farm.time.now()
        var view = WatchView()
        var terminal = Terminal()
        var figures = Figures(read: start)
        while true {
            let job = try await farm.jobs.job(id)
            let now = farm.time.now()
            if let job {
                try await update(&figures, of: job, at: now)
            } else {
                try check(waited: now - start, isExpected: isExpected)
            }
            let look = WatchView.Look(
                job: job, workers: try await farm.workers.openWorkers(),
                samples: figures.samples, forecastForAll: figures.forecast, now: now)
            if isDrawn, !isForProgram {
                let (width, height) = Terminal.size
                terminal.draw(view.picture(look, width: width, height: height))
            } else if let line = view.line(look) {
                isForProgram ? note(line) : show(line)
            }
            if let job, job.state.isSettled { return job }
            try await Task.sleep(for: isDrawn && !isForProgram ? .seconds(1) : .seconds(3))
        }
    }

    private func check(waited: Duration, isExpected: Bool) throws {
        guard isExpected || waited < Self.unknownBound else { throw Connection.unknown(id) }
        guard waited < Self.splitBound else {
            throw PortError(
                .unavailable, "watch \(id)",
                "the upload has not become a job within \(Format.duration(Self.splitBound)). "
                    + "See the log of the job-splitter")
        }
    }

    /// What is computed from the job's attempts.
    private struct Figures {
        /// Seconds per frame.
        var samples: [Double] = []
        var forecast: Estimate?
        /// Attempts that had ended when the figures were computed. -1 before the first time.
        var endedCount = -1
        var read: Timestamp
    }

    private func update(_ figures: inout Figures, of job: Job, at now: Timestamp) async throws {
        let endedCount = job.tally.terminalTasks + job.tally.interruptions
        guard endedCount != figures.endedCount,
            now - figures.read >= Self.attemptsInterval || figures.endedCount < 0
        else { return }
        let attempts = try await connection.farm.tasks.attempts(of: id)
        figures = Figures(
            samples: attempts.secondsPerFrame, forecast: Estimate(of: job, attempts),
            endedCount: endedCount, read: now)
    }
}
