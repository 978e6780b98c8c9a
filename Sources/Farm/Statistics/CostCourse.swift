/// What a job's leases cost, added up over time, beside the On-Demand price of the same time.
///
/// Leases alone, like a job's cost so far: boot and idle time stand in the bill.
package struct CostCourse: Hashable, Sendable {
    package struct Point: Hashable, Sendable {
        package let time: Timestamp
        package let paid: Money
        package let onDemand: Money
    }

    /// From the first lease until now or the last end, evenly spaced; none without a lease.
    package let points: [Point]

    /// - Parameters:
    ///   - held: The tasks' leases that are under way.
    package init(
        _ attempts: [Attempt], held: [Lease], now: Timestamp, book: PriceBook = .builtIn,
        pointCount: Int = 48
    ) {
        precondition(pointCount > 1, "A course has a start and an end.")
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
