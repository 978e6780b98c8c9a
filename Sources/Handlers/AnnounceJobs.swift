package import Farm
package import Logging

/// Notifies people of settled jobs.
///
/// It is part of the scaler's tick. So a worker, the splitter or a person that settles a job needs
/// no right to publish, and a crash right after the settling loses no notification.
///
///     unnotified ──claim──▶ claimed ──publish, mark──▶ notified
///        ▲                     │
///        └── the claim ends: its tick died, or the topic refused the message
///
/// When two ticks run at once, one of them notifies. A tick that dies between publishing and
/// marking causes a second notification: twice is better than never.
package struct AnnounceJobs: Sendable {
    /// Longer than a tick may last (the function's timeout is 55 s), so that the next tick
    /// notifies.
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

    /// The jobs of which people were notified.
    package func run() async throws(PortError) -> [JobID] {
        var notified: [JobID] = []
        for job in try await jobs.unnotifiedJobs() {
            if let message = JobMessage(job) {
                let now = time.now()
                let isOurs = try await jobs.claimNotification(
                    of: job.id, until: now + Self.claimDuration, at: now)
                guard isOurs else { continue }
                try await announcer.announce(subject: message.subject, message: message.text)
                notified.append(job.id)
            }
            try await jobs.markNotified(job.id)
        }
        if !notified.isEmpty {
            log.info("notified people of settled jobs", metadata: ["jobs": "\(notified.count)"])
        }
        return notified
    }
}
