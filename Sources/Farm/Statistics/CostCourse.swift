/// The cost of a job's leases over time, and the cost of the same time at On-Demand prices.
///
/// Like the job's cost so far it contains leases only. The bill adds boot and idle time.
package struct CostCourse: Hashable, Sendable {
    package struct Point: Hashable, Sendable {
        package let time: Timestamp
        package let paid: Money
        package let onDemand: Money
    }

    /// Evenly spaced from the first lease until now or the last end; empty without a lease.
    package let points: [Point]

    /// - Parameters:
    ///   - held: Leases that still run.
    package init(
        _ attempts: [Attempt], held: [Lease], now: Timestamp, book: PriceBook = .builtIn,
        pointCount: Int = 48
    ) {
        precondition(pointCount > 1, "A course has at least a start and an end.")
        let spans =
            attempts.map { ($0.start, $0.end, $0.pool, $0.pricePerHour) }
            + held.map { ($0.start, max(now, $0.start), $0.pool, $0.pricePerHour) }
        guard let start = spans.map(\.0).min(), let end = spans.map(\.1).max(), start < end else {
            points = []
            return
        }
        let length = (end - start).milliseconds
        points = (0..<pointCount).map { place in
            let time = start + .milliseconds(length * Int64(place) / Int64(pointCount - 1))
            var (paid, onDemand) = (Money.zero, Money.zero)
            for (from, until, pool, price) in spans where from < time {
                let held = min(until, time) - from
                paid += (price ?? .zero).perHour(for: held)
                onDemand += (book.onDemandPrice(of: pool) ?? .zero).perHour(for: held)
            }
            return Point(time: time, paid: paid, onDemand: onDemand)
        }
    }
}
