/// Times, interruptions, waste, cost and saving of some jobs.
///
/// A pure computation over attempts, notices and worker records. Missing facts are counted as
/// unknown and never guessed.
package struct FarmReport: Hashable, Sendable {
    /// The records that a report is computed from.
    package struct Records: Hashable, Sendable {
        /// The reported jobs, in the order of the rows.
        package var jobs: [Job]
        /// Attempts of these jobs, and of other jobs that shared their instances.
        package var attempts: [Attempt]
        package var workers: [WorkerRecord]
        package var notices: [NoticeRecord]

        package init(
            jobs: [Job], attempts: [Attempt], workers: [WorkerRecord], notices: [NoticeRecord]
        ) {
            self.jobs = jobs
            self.attempts = attempts
            self.workers = workers
            self.notices = notices
        }
    }

    package let now: Timestamp
    package let rules: BillingRules
    package let book: PriceBook
    package let runs: [RunFigures]
    package let study: Study
    /// By type, then by family, then by size.
    package let kinds: [KindFigures]
    package let detection: DetectionStatistics
    package let time: TimeUse
    package let phases: AttemptPhases
    package let bill: Bill
    package let accounts: [InstanceAccount]
    /// From the first launch to the last end; `nil` without an instance.
    package let interval: Interval?
    /// Instances that other jobs used too. The bill contains only the part of these jobs.
    package let sharedCount: Int
    /// Instances without a record. Only their attempts are known.
    package let unrecordedCount: Int

    package struct Interval: Hashable, Sendable {
        package let start: Timestamp
        package let end: Timestamp
    }

    /// - Parameter lease: The farm's: it decides after which silence a worker counts as gone.
    package init(
        _ records: Records, now: Timestamp, lease: LeaseTerms = LeaseTerms(),
        rules: BillingRules = BillingRules(),
        book: PriceBook = .builtIn
    ) {
        let jobs = Set(records.jobs.map(\.id))
        let attempts = Dictionary(grouping: records.attempts, by: \.worker)
        let notices = Dictionary(grouping: records.notices, by: \.worker)
        let workers = Dictionary(
            records.workers.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        accounts = attempts.filter { $0.value.contains { jobs.contains($0.task.job) } }
            .map { id, attempts in
                let life =
                    workers[id].map {
                        InstanceLife(
                            $0, notices: notices[id] ?? [], attempts: attempts, lease: lease,
                            now: now)
                    } ?? InstanceLife(id, from: attempts)
                return InstanceAccount(life, attempts: attempts, rules, book)
            }
            .sorted {
                ($0.life.launched, $0.life.worker.rawValue)
                    < ($1.life.launched, $1.life.worker.rawValue)
            }
        let accounts = accounts
        let stored = StoredFrames(records.jobs, records.attempts)
        self.now = now
        self.rules = rules
        self.book = book
        runs = records.jobs.map { RunFigures($0, accounts, book.usage, stored, now: now) }
        study = Study(runs)
        kinds = KindFigures.Kind.allCases.flatMap {
            KindFigures.rows($0, accounts, of: jobs, stored)
        }
        detection = DetectionStatistics(
            since: .record,
            reclaims: accounts.compactMap {
                DetectionStatistics.Reclaim($0.life, notices[$0.life.worker] ?? [])
            },
            notices: records.notices,
            attempts: records.attempts.filter { jobs.contains($0.task.job) })
        time = accounts.reduce(into: TimeUse()) { $0 += $1.timeUse(of: jobs) }
        phases = AttemptPhases(records.attempts.filter { jobs.contains($0.task.job) })
        bill = Bill(accounts, of: jobs, book.usage, stored)
        if let start = accounts.map(\.life.launched).min(), let end = accounts.map(\.life.end).max()
        {
            interval = Interval(start: start, end: end)
        } else {
            interval = nil
        }
        sharedCount = accounts.count { $0.attempts.contains { !jobs.contains($0.task.job) } }
        unrecordedCount = accounts.count { workers[$0.life.worker] == nil }
    }

    /// Instance time that these jobs used.
    package var instanceTime: Duration {
        let jobs = Set(runs.map(\.job))
        return accounts.reduce(.zero) { $0 + $1.duration(of: jobs) }
    }

    /// Instances that still run. Their cost counts until now.
    package var runningCount: Int { accounts.count { $0.life.status == .running } }
}

extension DetectionStatistics.Reclaim {
    /// The reclaim in the records: which notices announced it, and when the first one came. `nil`
    /// for an instance that was not reclaimed or lost.
    fileprivate init?(_ life: InstanceLife, _ notices: [NoticeRecord]) {
        switch life.status {
        case .running, .ended: return nil
        case .lost: self.init(worker: life.worker, method: .kill, time: life.lastWord)
        case .reclaimed:
            let paths = Set(notices.map(\.path))
            let isHeard = paths.contains(.instanceMetadata)
            let isTold = paths.contains(.eventBridge)
            self.init(
                worker: life.worker,
                method: isHeard && isTold ? .both : isTold ? .eventBridge : .imds,
                time: life.noticed ?? life.end)
        }
    }
}
