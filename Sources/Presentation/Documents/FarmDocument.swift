package import Farm
internal import FoundationEssentials

/// The whole farm: the event `farm` of the dashboard's stream.
package struct FarmDocument: Document, Hashable {
    /// Workers on one instance type in one zone.
    package struct Pool: Encodable, Hashable, Sendable {
        let instanceType: String
        let zone: String
        let lifecycle: String
        let workers: Int
        /// The price that any of its workers learned last.
        let pricePerHourUSD: Decimal?
        /// By the built-in table.
        let onDemandPricePerHourUSD: Decimal?
    }

    /// Newest first.
    let jobs: [JobDocument]
    let pools: [Pool]
    let workers: [WorkerDocument]
    /// Of all workers whose price is known.
    let pricePerHourUSD: Decimal

    package init(jobs: [Job], workers: [WorkerRecord]) {
        self.jobs = jobs.sorted { ($0.created, $0.id.rawValue) > ($1.created, $1.id.rawValue) }
            .map { JobDocument($0) }
        self.workers = workers.sorted { $0.id.rawValue < $1.id.rawValue }
            .map { WorkerDocument($0) }
        pools = Dictionary(grouping: workers) { PoolKey(pool: $0.pool, lifecycle: $0.lifecycle) }
            .map { Pool($0.key, $0.value) }
            .sorted {
                ($0.instanceType, $0.zone, $0.lifecycle) < ($1.instanceType, $1.zone, $1.lifecycle)
            }
        pricePerHourUSD = workers.compactMap(\.pricePerHour)
            .reduce(0) { $0 + Decimal(usd: $1) }
    }
}

private struct PoolKey: Hashable {
    let pool: Farm.Pool
    let lifecycle: WorkerRecord.Lifecycle
}

extension FarmDocument.Pool {
    fileprivate init(_ key: PoolKey, _ workers: [WorkerRecord]) {
        let last = workers.compactMap(\.prices.last).max { $0.time < $1.time }
        self.init(
            instanceType: key.pool.instanceType, zone: key.pool.zone,
            lifecycle: key.lifecycle.rawValue, workers: workers.count,
            pricePerHourUSD: last.map { Decimal(usd: $0.price) },
            onDemandPricePerHourUSD: PriceBook.builtIn.onDemandPrice(of: key.pool)
                .map { Decimal(usd: $0) })
    }
}

/// Why the farm could not be read: the event `trouble` of the dashboard's stream.
package struct TroubleDocument: Document, Hashable {
    let error: String

    package init(error: String) {
        self.error = error
    }
}
