/// EC2 reclaimed a Spot instance.
package struct PoolReclaim: Hashable, Sendable {
    package let worker: WorkerID
    package let pool: Pool
    package let time: Timestamp

    package init(worker: WorkerID, pool: Pool, time: Timestamp) {
        self.worker = worker
        self.pool = pool
        self.time = time
    }
}

/// EC2 reclaimed many instances at once: more than chance explains, so people are notified.
///
/// Reclaims with one cause come together: in the recorded traces over 92 % of a pool's reclaims
/// come within three minutes. By chance, at the usual rate of 0.1 per instance-hour, a tenth of a
/// fleet would go in an hour, not in three minutes.
package struct InterruptionBurst: Hashable, Sendable {
    package static let window: Duration = .seconds(180)
    /// Two reclaims may coincide by chance even in a small fleet.
    static let leastCount = 3
    /// As a part of the Spot instances before the burst.
    static let leastPart = 0.1

    package let count: Int
    /// Spot instances before the burst.
    package let fleet: Int
    /// Reclaimed instances by pool, the highest number first.
    package let pools: [PoolCount]

    package struct PoolCount: Hashable, Sendable {
        package let pool: String
        package let count: Int

        package init(_ pool: String, _ count: Int) {
            self.pool = pool
            self.count = count
        }
    }

    /// Restores a stored burst.
    package init(count: Int, fleet: Int, pools: [PoolCount]) {
        self.count = count
        self.fleet = fleet
        self.pools = pools
    }

    /// - Parameters:
    ///   - reclaims: Reclaims of the last `window`.
    ///   - members: Current Spot instances, including those with a notice.
    package init?(_ reclaims: [PoolReclaim], members: [WorkerID]) {
        let taken = Set(reclaims.map(\.worker))
        let fleet = taken.union(members).count
        guard taken.count >= Self.leastCount,
            Double(taken.count) >= Self.leastPart * Double(fleet)
        else { return nil }
        let pools = Dictionary(grouping: reclaims, by: { "\($0.pool)" })
            .map { PoolCount($0.key, Set($0.value.map(\.worker)).count) }
            .sorted { ($1.count, $0.pool) < ($0.count, $1.pool) }
        self.init(
            count: taken.count, fleet: fleet, pools: Array(pools.prefix(Self.poolsMax)))
    }

    /// More pools would only lengthen the message.
    private static let poolsMax = 5
}
