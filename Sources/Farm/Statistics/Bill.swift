/// What jobs cost, line by line. Only what the records tell of: polls, renewals, functions, logs and
/// traffic are not in it.
package struct Bill: Hashable, Sendable {
    package enum Item: String, Hashable, Sendable, CaseIterable {
        case spotInstances = "spot-instances"
        case onDemandInstances = "on-demand-instances"
        /// Spot instances that EC2 took back in their first hour.
        case firstHour = "first-hour"
        case disks
        /// Pictures and logs stored.
        case puts
        /// Leases and ends of attempts.
        case tableWrites = "table-writes"
        /// Messages sent, received and deleted.
        case queueRequests = "queue-requests"
    }

    package struct Line: Hashable, Sendable {
        package let item: Item
        /// Instances, or requests.
        package let count: Int
        /// Instance time; for disks, that of one GiB.
        package let duration: Duration
        package let amount: Money
    }

    /// A lease is one write; its end a transaction of the task, its attempt and its job, each twice.
    private static let writesPerAttempt = 7
    private static let queueRequestsPerAttempt = 3

    /// Those that are not zero, in the order of `Item`.
    package let lines: [Line]
    /// The lines' instances at On-Demand prices: what the same seconds would have cost.
    package let onDemand: Money
    /// Instances whose price nobody could learn: they count as nothing.
    package let unpricedCount: Int
    /// Instances of a type or Region that the On-Demand table lacks.
    package let unlistedCount: Int

    package init(
        _ accounts: [InstanceAccount], of jobs: Set<JobID>, _ prices: UsagePrices,
        _ stored: StoredFrames
    ) {
        var lines: [Line] = []
        func add(_ item: Item, _ count: Int, _ duration: Duration, _ amount: Money) {
            guard count > 0 else { return }
            lines.append(Line(item: item, count: count, duration: duration, amount: amount))
        }
        func add(
            _ item: Item, _ accounts: [InstanceAccount], sizes: (InstanceLife) -> Int = { _ in 1 },
            _ amount: (InstanceAccount) -> Money
        ) {
            add(
                item, accounts.count,
                accounts.reduce(.zero) { $0 + $1.duration(of: jobs) * sizes($1.life) },
                accounts.map { $0.part(amount($0), of: jobs) }.sum)
        }
        add(.spotInstances, accounts.filter { $0.life.lifecycle == .spot }) { $0.charge ?? .zero }
        add(.onDemandInstances, accounts.filter { $0.life.lifecycle == .onDemand }) {
            $0.charge ?? .zero
        }
        add(.firstHour, accounts.filter { $0.refund > .zero }) { .zero - $0.refund }
        add(
            .disks, accounts.filter { $0.life.diskGiB != nil }, sizes: { $0.diskGiB ?? 0 },
            \.diskCharge)
        let attempts = accounts.flatMap(\.attempts).filter { jobs.contains($0.task.job) }
        let puts = attempts.reduce(0) { sum, attempt in
            let report = attempt.report ?? RenderReport()
            let frames = max(report.frameCount, stored.count(of: attempt))
            return sum + frames + (report.logKey == nil ? 0 : 1)
        }
        add(.puts, puts, .zero, prices.thousandPuts.times(Int64(puts), over: 1_000))
        let writes = attempts.count * Self.writesPerAttempt
        add(
            .tableWrites, writes, .zero,
            prices.millionTableWrites.times(Int64(writes), over: 1_000_000))
        let requests = attempts.count * Self.queueRequestsPerAttempt
        add(
            .queueRequests, requests, .zero,
            prices.millionQueueRequests.times(Int64(requests), over: 1_000_000))
        self.lines = lines
        onDemand = accounts.map { $0.part($0.onDemandCharge ?? .zero, of: jobs) }.sum
        unpricedCount = accounts.count { $0.charge == nil }
        unlistedCount = accounts.count { $0.onDemandCharge == nil }
    }

    package var total: Money { lines.map(\.amount).sum }

    /// For instances alone, after refunds: what compares with On-Demand.
    package var instances: Money {
        lines.filter {
            switch $0.item {
            case .spotInstances, .onDemandInstances, .firstHour: true
            case .disks, .puts, .tableWrites, .queueRequests: false
            }
        }.map(\.amount).sum
    }

    /// Of On-Demand's price; `nil` where a price is missing on either side.
    package var saving: Double? {
        guard unpricedCount == 0, unlistedCount == 0, onDemand > .zero else { return nil }
        return 1 - instances / onDemand
    }
}
