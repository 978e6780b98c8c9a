/// One instance's bill, divided among the jobs that used the instance.
///
/// Each job pays in proportion to the time of its leases. The jobs that used the instance also pay
/// for its boot and idle time. Their parts add up to the whole cost, to the billionth.
package struct InstanceAccount: Hashable, Sendable {
    package let life: InstanceLife
    /// All attempts of this worker, of all jobs.
    package let attempts: [Attempt]
    /// At the recorded prices; `nil` without any.
    package let charge: Money?
    package let refund: Money
    /// The same time at the On-Demand price.
    package let onDemandCharge: Money?
    package let diskCharge: Money
    /// Leased milliseconds, at least one, for each job in the order of names.
    private let leased: [(job: JobID, milliseconds: Int64)]

    package init(
        _ life: InstanceLife, attempts: [Attempt], _ rules: BillingRules, _ book: PriceBook
    ) {
        self.life = life
        self.attempts = attempts
        charge = rules.charge(life)
        refund = rules.refund(life)
        onDemandCharge = rules.onDemandCharge(life, book)
        diskCharge = rules.diskCharge(life, book.usage)
        leased = Dictionary(grouping: attempts, by: \.task.job).map { job, attempts in
            let time = attempts.reduce(Duration.zero) { sum, attempt in
                let end = min(attempt.end, life.end)
                return sum + max(.zero, end - max(attempt.start, life.launched))
            }
            return (job, max(1, time.milliseconds))
        }.sorted { $0.job.rawValue < $1.job.rawValue }
    }

    package static func == (left: InstanceAccount, right: InstanceAccount) -> Bool {
        left.life == right.life && left.attempts == right.attempts
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(life)
        hasher.combine(attempts)
    }

    /// The part of an amount that these jobs pay. The parts of all jobs add up to the whole.
    package func part(_ amount: Money, of jobs: Set<JobID>) -> Money {
        let whole = leased.reduce(0) { $0 + $1.milliseconds }
        var before: Int64 = 0
        var sum = Money.zero
        for (job, milliseconds) in leased {
            if jobs.contains(job) {
                let end = amount.times(before + milliseconds, over: whole)
                sum += end - amount.times(before, over: whole)
            }
            before += milliseconds
        }
        return sum
    }

    /// The part of the instance's cost that these jobs pay, after the refund; `nil` without a
    /// price.
    package func cost(of jobs: Set<JobID>) -> Money? {
        charge.map { part($0 - refund, of: jobs) }
    }

    package func share(of jobs: Set<JobID>) -> TimeUse.Share {
        let part = leased.reduce(0) { $0 + (jobs.contains($1.job) ? $1.milliseconds : 0) }
        return TimeUse.Share(part: part, whole: max(1, leased.reduce(0) { $0 + $1.milliseconds }))
    }

    package func timeUse(of jobs: Set<JobID>) -> TimeUse {
        TimeUse(life, attempts: attempts, of: jobs, share: share(of: jobs))
    }

    /// Instance time that these jobs used.
    package func duration(of jobs: Set<JobID>) -> Duration {
        .milliseconds(share(of: jobs).of(life.duration.milliseconds))
    }

    /// Frames of these jobs that this instance stored.
    package func frameCount(of jobs: Set<JobID>, _ stored: StoredFrames) -> Int {
        attempts.filter { jobs.contains($0.task.job) }.reduce(0) { $0 + stored.count(of: $1) }
    }

    /// Frames of these jobs that the attempts on this instance reported.
    package func reportedFrameCount(of jobs: Set<JobID>) -> Int {
        attempts.reduce(0) { sum, attempt in
            sum + (jobs.contains(attempt.task.job) ? attempt.report?.frameCount ?? 0 : 0)
        }
    }
}
