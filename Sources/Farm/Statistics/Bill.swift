/// The cost of jobs, line by line. It contains only recorded usage, without polls, renewals,
/// functions, logs and traffic.
package struct Bill: Hashable, Sendable {
    package enum Item: String, Hashable, Sendable, CaseIterable {
        case spotInstances = "spot-instances"
        case onDemandInstances = "on-demand-instances"
        /// Refund for Spot instances that EC2 reclaimed in their first hour.
        case firstHour = "first-hour"
        case disks
        /// Stored pictures and logs.
        case puts
        /// Starts and ends of leases.
        case tableWrites = "table-writes"
        /// Sent, received and deleted messages.
        case queueRequests = "queue-requests"
    }

    package struct Line: Hashable, Sendable {
        package let item: Item
        /// Instances, or requests.
        package let count: Int
        /// Instance time. For disks, GiB times their time.
        package let duration: Duration
        package let amount: Money
    }

    /// A lease is one write. Its end is a transaction on task, attempt and job, which counts each
    /// twice.
    private static let writesPerAttempt = 7
    private static let queueRequestsPerAttempt = 3

    /// The lines with a count above zero, in the order of `Item`.
    package let lines: [Line]
    /// The same instance time at On-Demand prices.
    package let onDemand: Money
    /// Instances without a known price. They add nothing to the bill.
    package let unpricedCount: Int
    /// Instances whose type or Region is not in the On-Demand table.
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

    /// The cost of instances alone, after refunds. It can be compared with `onDemand`.
    package var instances: Money {
        lines.filter {
            switch $0.item {
            case .spotInstances, .onDemandInstances, .firstHour: true
            case .disks, .puts, .tableWrites, .queueRequests: false
            }
        }.map(\.amount).sum
    }

    /// As a part of the On-Demand cost; `nil` when a price is missing on either side.
    package var saving: Double? {
        guard unpricedCount == 0, unlistedCount == 0, onDemand > .zero else { return nil }
        return 1 - instances / onDemand
    }
}
