package import Farm

/// Reads the records that a report is computed from.
package struct RecordsReader: Sendable {
    private let jobs: any JobStore
    private let tasks: any TaskStore
    private let workers: any WorkerStore
    private let notices: any NoticeStore

    package init(
        jobs: any JobStore, tasks: any TaskStore, workers: any WorkerStore,
        notices: any NoticeStore
    ) {
        self.jobs = jobs
        self.tasks = tasks
        self.workers = workers
        self.notices = notices
    }

    /// - Throws: `.missing` when there is no such job.
    package func records(of ids: [JobID]) async throws(PortError) -> FarmReport.Records {
        var records = FarmReport.Records(jobs: [], attempts: [], workers: [], notices: [])
        for id in ids where !records.jobs.contains(where: { $0.id == id }) {
            guard let job = try await jobs.job(id) else {
                throw PortError(
                    .missing, "report job \(id)",
                    "no job has this name; `spotrender jobs --all` lists all jobs")
            }
            records.jobs.append(job)
            records.attempts += try await tasks.attempts(of: id)
        }
        let holders = Set(records.attempts.map(\.worker)).sorted { $0.rawValue < $1.rawValue }
        var others: Set<JobID> = []
        for holder in holders {
            records.notices += try await notices.notices(of: holder)
            guard let worker = try await workers.worker(holder) else { continue }
            records.workers.append(worker)
            others.formUnion(worker.jobs)
        }
        // Jobs that shared an instance pay their share of its cost.
        let shared = others.subtracting(records.jobs.map(\.id))
        for id in shared.sorted(by: { $0.rawValue < $1.rawValue }) {
            records.attempts += try await tasks.attempts(of: id).filter {
                holders.contains($0.worker)
            }
        }
        return records
    }
}
