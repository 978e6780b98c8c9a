package import Farm
package import Logging

/// Tells people of jobs that came to their end.
///
/// Part of the scaler's tick, so that whoever settles a job (a worker, the splitter, a person) needs
/// no right to publish, and dying right after it loses no message.
///
///     untold ──claim──▶ claimed ──publish, mark──▶ told
///        ▲                 │
///        └── the claim ends: who had it died, or nobody took the message
///
/// Of two ticks at the same time one tells. One that dies between publishing and marking tells twice:
/// rather that than never.
package struct AnnounceJobs: Sendable {
    /// Longer than a tick may last (its function's timeout of 55 s), so that the next one tells.
    static let claimDuration: Duration = .seconds(60)

    private let jobs: any JobStore
    private let announcer: any Announcer
    private let time: any TimeSource
    private let log: Logger

    package init(
        jobs: any JobStore, announcer: any Announcer, time: any TimeSource, log: Logger
    ) {
        self.jobs = jobs
        self.announcer = announcer
        self.time = time
        self.log = log
    }

    /// The answer is what was told.
    package func run() async throws(PortError) -> [JobID] {
        var told: [JobID] = []
        for job in try await jobs.unnotifiedJobs() {
            if let message = JobMessage(job) {
                let now = time.now()
                let isOurs = try await jobs.claimNotification(
                    of: job.id, until: now + Self.claimDuration, at: now)
                guard isOurs else { continue }
                try await announcer.announce(subject: message.subject, message: message.text)
                told.append(job.id)
            }
            try await jobs.markNotified(job.id)
        }
        if !told.isEmpty { log.info("told of jobs", metadata: ["jobs": "\(told.count)"]) }
        return told
    }
}
