internal import Glibc

/// Spot instance-hours and reclaims that this farm has seen, by pool. The scaler's memory keeps
/// them, and each tick adds to them.
///
/// The history watches each Spot instance from its worker's first report on. The time of an
/// instance counts tick by tick, so running and ended instances count alike. Its end counts once,
/// when its worker is no longer open.
package struct ReclaimHistory: Hashable, Sendable {
    /// These are not whole numbers, because older values count less.
    package struct Exposure: Hashable, Sendable {
        package var hours: Double
        /// Reclaimed instances, and instances that ended without a notice.
        package var reclaims: Double

        package init(hours: Double = 0, reclaims: Double = 0) {
            self.hours = hours
            self.reclaims = reclaims
        }
    }

    package var pools: [Pool: Exposure]
    /// Spot instances whose end has not been counted yet.
    package var watched: Set<WorkerID>
    /// Time until which instance-hours are counted; `nil` before the first tick.
    package var counted: Timestamp?

    package init(
        pools: [Pool: Exposure] = [:], watched: Set<WorkerID> = [], counted: Timestamp? = nil
    ) {
        self.pools = pools
        self.watched = watched
        self.counted = counted
    }

    /// About 100 KB of the memory's item, of at most 400. In a larger fleet a part shows the rate.
    private static let watchedMax = 5_000
    /// Capacity changes within days: events of a week ago count half.
    private static let halfLife: Duration = .seconds(7 * 86_400)
    /// A pool that was not used for about two months is removed.
    private static let hoursLeast = 0.001

    /// Watched instances whose workers are no longer open. The scaler finds out how they ended.
    package func ended(besides open: [WorkerRecord]) -> [WorkerID] {
        watched.subtracting(open.map(\.id)).sorted { $0.rawValue < $1.rawValue }
    }

    /// Counts instance-hours and ends until now.
    ///
    /// - Parameters:
    ///   - open: All workers that are not gone.
    ///   - lives: Lives of ended instances. An instance in neither list stays watched.
    package mutating func count(
        _ open: [WorkerRecord], ended lives: [InstanceLife], at now: Timestamp
    ) {
        fade(at: now)
        for life in lives where watched.remove(life.worker) != nil {
            add(from: max(life.launched, counted ?? life.launched), to: life.end, in: life.pool)
            if life.status.isInterruption { pools[life.pool, default: Exposure()].reclaims += 1 }
        }
        for worker in open where worker.lifecycle == .spot {
            let isKnown = watched.contains(worker.id)
            guard isKnown || watched.count < Self.watchedMax else { continue }
            watched.insert(worker.id)
            let start = isKnown ? counted ?? worker.launched : worker.launched
            add(from: start, to: now, in: worker.pool)
        }
        counted = now
    }

    private mutating func add(from start: Timestamp, to end: Timestamp, in pool: Pool) {
        pools[pool, default: Exposure()].hours += max(.zero, end - start) / .seconds(3600)
    }

    private mutating func fade(at now: Timestamp) {
        guard let counted, now > counted else { return }
        let part = exp2(-((now - counted) / Self.halfLife))
        pools = pools.mapValues { Exposure(hours: $0.hours * part, reclaims: $0.reclaims * part) }
            .filter { $0.value.hours >= Self.hoursLeast }
    }

    package func rate(in pool: Pool) -> ReclaimRate {
        let others = pools.filter { $0.key != pool }.values.reduce(into: Exposure()) {
            $0.hours += $1.hours
            $0.reclaims += $1.reclaims
        }
        return ReclaimRate(pool: pool, seen: pools[pool] ?? Exposure(), elsewhere: others)
    }
}

/// How often EC2 reclaims one instance of a pool: measured, with an assumption before that.
///
/// Reclaims are modeled as a Poisson process of unknown rate, with a Gamma distribution as the
/// prior of the rate. The mean of the rate after the measurement is
///
///     (prior rate · weight + reclaims) ÷ (weight + instance-hours)
///
/// where the weight is the number of instance-hours that the prior counts for (Gelman and others,
/// “Bayesian Data Analysis”, 3rd edition, section 2.6). The prior of a pool is the rate of the
/// fleet's other pools, and their prior is the assumed rate. A pool's own rate dominates as its
/// hours add up.
package struct ReclaimRate: Hashable, Sendable, CustomStringConvertible {
    package let perHour: Double
    /// What the rate is computed from, in words.
    package let source: String

    /// The rate of one instance. Measured rates go from 0.008 (the largest grid on record) to 1.3
    /// (the worst zone on record). This is their geometric mean.
    private static let assumedPerHour = 0.1
    /// Few enough that a bad zone shows within a day of one instance. Many enough that one reclaim
    /// in the first hour gives a rate of 0.25 instead of 1.
    private static let weightHours = 5.0

    package static let assumed = ReclaimRate(perHour: assumedPerHour)

    /// As a store read it back.
    package init(perHour: Double, source: String) {
        self.perHour = perHour
        self.source = source
    }

    /// An assumed rate without a measurement.
    package init(perHour: Double) {
        self.perHour = perHour
        source = "assumed while this farm has measured none"
    }

    package init(
        pool: Pool, seen: ReclaimHistory.Exposure, elsewhere: ReclaimHistory.Exposure
    ) {
        guard seen.hours + elsewhere.hours > 0 else {
            self = .assumed
            return
        }
        func updated(_ rate: Double, _ seen: ReclaimHistory.Exposure) -> Double {
            (rate * Self.weightHours + seen.reclaims) / (Self.weightHours + seen.hours)
        }
        perHour = updated(updated(Self.assumedPerHour, elsewhere), seen)
        source =
            "\(Self.words(seen)) of \(pool), \(Self.words(elsewhere)) of other pools, "
            + "\(Self.assumedPerHour) an hour assumed before"
    }

    private static func words(_ seen: ReclaimHistory.Exposure) -> String {
        "\(rounded(seen.reclaims, to: 10)) in \(rounded(seen.hours, to: 10)) instance-hours"
    }

    private static func rounded(_ number: Double, to parts: Double) -> Double {
        (number * parts).rounded() / parts
    }

    /// As in `0.31 reclaims an hour (1.0 in 2.5 instance-hours of m7i.large/us-east-1a, …)`.
    package var description: String {
        "\(Self.rounded(perHour, to: 1000)) reclaims an hour (\(source))"
    }
}
