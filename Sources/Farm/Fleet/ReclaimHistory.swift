internal import Glibc

/// What this farm has seen of Spot, by pool: instance-hours, and instances that were taken away in
/// them. Kept in the scaler's memory, and counted on by each tick.
///
/// Each Spot instance is watched from its worker's first word on. Its time counts tick by tick, so
/// that one that still runs counts as much as one that has ended, and its end counts once, when it
/// is no longer among the open workers.
package struct ReclaimHistory: Hashable, Sendable {
    /// Not whole numbers: what is long past counts less.
    package struct Exposure: Hashable, Sendable {
        package var hours: Double
        /// Reclaims, and machines that went without a word.
        package var reclaims: Double

        package init(hours: Double = 0, reclaims: Double = 0) {
            self.hours = hours
            self.reclaims = reclaims
        }
    }

    package var pools: [Pool: Exposure]
    /// Spot instances whose end is still to be counted.
    package var watched: Set<WorkerID>
    /// Up to when instances' time is counted; `nil` before the first tick.
    package var counted: Timestamp?

    package init(
        pools: [Pool: Exposure] = [:], watched: Set<WorkerID> = [], counted: Timestamp? = nil
    ) {
        self.pools = pools
        self.watched = watched
        self.counted = counted
    }

    /// Some 100 KB of the memory's item, which may have 400. Of a larger fleet a part tells the rate.
    private static let watchedMax = 5_000
    /// Capacity comes and goes within days: what happened a week ago counts half.
    private static let halfLife: Duration = .seconds(7 * 86_400)
    /// What is left of a pool that was not used for some two months is let go.
    private static let hoursLeast = 0.001

    /// Watched instances that are not open any more: how they ended is to be found out.
    package func ended(besides open: [WorkerRecord]) -> [WorkerID] {
        watched.subtracting(open.map(\.id)).sorted { $0.rawValue < $1.rawValue }
    }

    /// Counts on until now.
    ///
    /// - Parameters:
    ///   - open: All workers that are not gone.
    ///   - lives: Of those that have ended. One that is in neither is watched on.
    package mutating func count(
        _ open: [WorkerRecord], ended lives: [InstanceLife], at now: Timestamp
    ) {
        fade(at: now)
        for life in lives where watched.remove(life.worker) != nil {
            add(from: max(life.launched, counted ?? life.launched), to: life.end, in: life.pool)
            if life.ending.isInterruption { pools[life.pool, default: Exposure()].reclaims += 1 }
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

/// How often EC2 takes one instance of a pool back: as measured, and before that as supposed.
///
/// Reclaims are taken for a Poisson process of unknown rate. With a Gamma distribution for what is
/// supposed of the rate, its mean after the measurement is
///
///     (supposed rate · weight + reclaims) ÷ (weight + instance-hours)
///
/// where the weight says how many instance-hours the supposition is worth (Gelman and others,
/// “Bayesian Data Analysis”, 3rd edition, section 2.6). What is supposed of a pool is the rate of
/// the fleet's others, and of these the one assumed: a pool's own rate shows as its hours add up.
package struct ReclaimRate: Hashable, Sendable, CustomStringConvertible {
    package let perHour: Double
    /// What the rate is computed from, in words.
    package let source: String

    /// Of one instance. Measured rates run from 0.008 (the largest grid on record) to 1.3 (the worst
    /// zone on record); this is their geometric mean.
    private static let assumedPerHour = 0.1
    /// So few that a bad zone shows within a day of one instance, and so many that one reclaim in
    /// the first hour makes a rate of 0.25, and not of 1.
    private static let weightHours = 5.0

    package static let assumed = ReclaimRate(perHour: assumedPerHour)

    /// As a store read it back.
    package init(perHour: Double, source: String) {
        self.perHour = perHour
        self.source = source
    }

    /// Not measured.
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
