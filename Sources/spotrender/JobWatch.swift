import ArgumentParser
import Presentation
import Farm
import FarmOnAWS
import Foundation
import UnixSignals

/// Shows a job until it is settled. Ctrl-C ends the looking, not the job.
struct JobWatch: Sendable {
    let connection: Connection
    let id: JobID
    /// Standard output is for a document: what is seen meanwhile goes to standard error.
    let isForProgram: Bool

    /// The splitter answers an upload within seconds, or something is wrong.
    private static let splitBound: Duration = .seconds(180)
    /// So long the name of an upload of a moment ago may be unknown yet, and no wrong one.
    private static let unknownBound: Duration = .seconds(15)
    /// Attempts are many; they are read anew no more often than this.
    private static let samplesInterval: Duration = .seconds(15)

    /// - Parameter isExpected: The job was submitted a moment ago and may not be there yet.
    /// - Returns: The settled job.
    func run(isExpected: Bool) async throws -> Job {
        let signals = await UnixSignalsSequence(trapping: .sigint)
        return try await withThrowingTaskGroup(of: Job?.self) { group in
            group.addTask { try await watch(isExpected: isExpected) }
            group.addTask {
                for await _ in signals { return nil }
                return nil
            }
            let first = try await group.next() ?? nil
            group.cancelAll()
            guard let first else {
                sayAside(
                    """

                    \(id) goes on without you looking.
                      spotrender watch \(id)     looks again
                      spotrender cancel \(id)    ends it
                    """)
                // As shells have it: 128 and the signal's number.
                throw ExitCode(130)
            }
            return first
        }
    }

    private func watch(isExpected: Bool) async throws -> Job {
        let farm = connection.farm
        let start = farm.time.now()
        let isDrawn = Terminal.isThere && !isForProgram
        var view = WatchView()
        var terminal = Terminal()
        var samples: (values: [Double], ended: Int, time: Timestamp) = ([], -1, start)
        var forecast: Estimate?
        while true {
            let job = try await farm.jobs.job(id)
            let now = farm.time.now()
            if job == nil {
                guard isExpected || now - start < Self.unknownBound else {
                    throw Connection.unknown(id)
                }
                guard now - start < Self.splitBound else {
                    throw PortError(
                        .unavailable, "watch \(id)",
                        "no job came of the upload in \(Format.duration(Self.splitBound)); see the "
                            + "job-splitter's log")
                }
            }
            if let job {
                let ended = job.tally.terminalTasks + job.tally.interruptions
                if ended != samples.ended,
                    now - samples.time >= Self.samplesInterval
                        || samples.ended < 0
                {
                    let attempts = try await farm.tasks.attempts(of: id)
                    samples = (attempts.secondsPerFrame, ended, now)
                    forecast = Estimate(of: job, attempts)
                }
            }
            let look = WatchView.Look(
                job: job, workers: try await farm.workers.openWorkers(),
                samples: samples.values, forecastForAll: forecast, now: now)
            if isDrawn {
                let (width, height) = Terminal.size
                terminal.draw(view.picture(look, width: width, height: height))
            } else if let line = view.line(look) {
                isForProgram ? sayAside(line) : say(line)
            }
            if let job, job.state.isSettled { return job }
            try await Task.sleep(for: isDrawn ? .seconds(1) : .seconds(3))
        }
    }
}

/// Shows a job as it goes.
struct Watch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows a job as it goes, until it is done.",
        discussion: """
            A live picture on a terminal, a line now and then in a pipe. Ctrl-C leaves the job \
            running. Ends with 1 when the job failed or was canceled.

              spotrender watch shot-1a2b3c4d && spotrender download shot-1a2b3c4d frames
            """)

    @Argument(help: "The job, as in shot-1a2b3c4d.")
    var job: String
    @OptionGroup var output: JSONOption
    @OptionGroup var options: FarmOptions

    func run() async throws {
        let connection = try options.connect()
        let settled = try await JobWatch(
            connection: connection, id: JobID(job), isForProgram: output.json
        ).run(isExpected: false)
        try Self.end(settled, json: output.json)
    }

    static func end(_ job: Job, json: Bool) throws {
        if json { try sayJSON(JobDocument(job)) } else { JobText.next(job).forEach(say) }
        guard case .succeeded = job.state else { throw ExitCode.failure }
    }
}
