package import Farm
package import Logging

/// Tells people of jobs that came to their end, each once.
///
/// Part of the scaler's tick, so that whoever settles a job (a worker, the splitter, a person) needs
/// no right to publish, and dying right after it loses no message.
package struct AnnounceJobs: Sendable {
    private let jobs: any JobStore
    private let announcer: any Announcer
    private let log: Logger

    package init(jobs: any JobStore, announcer: any Announcer, log: Logger) {
        self.jobs = jobs
        self.announcer = announcer
        self.log = log
    }

    /// Of two at the same time, one wins the mark and tells. What could not be told is told next
    /// time; the answer is what was told.
    package func run() async throws(PortError) -> [JobID] {
        var told: [JobID] = []
        for job in try await jobs.untoldJobs() {
            guard try await jobs.markTold(true, of: job.id) else { continue }
            guard let message = JobMessage(job) else { continue }
            do throws(PortError) {
                try await announcer.announce(subject: message.subject, message: message.text)
                told.append(job.id)
            } catch {
                _ = try await jobs.markTold(false, of: job.id)
                throw error
            }
        }
        if !told.isEmpty { log.info("told of jobs", metadata: ["jobs": "\(told.count)"]) }
        return told
    }
}
