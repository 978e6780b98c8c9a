/// A worker's right to a task until a time.
package struct Lease: Hashable, Sendable {
    package let worker: WorkerID
    package let pool: Pool
    /// The price of the worker's instance; `nil` when the worker does not know it.
    package let pricePerHour: Money?
    package let start: Timestamp
    package var until: Timestamp
    /// The holder was warned, and has promised to finish by then.
    package var promisedUntil: Timestamp?

    package init(
        worker: WorkerID, pool: Pool, pricePerHour: Money? = nil, start: Timestamp,
        until: Timestamp, promisedUntil: Timestamp? = nil
    ) {
        self.worker = worker
        self.pool = pool
        self.pricePerHour = pricePerHour
        self.start = start
        self.until = until
        self.promisedUntil = promisedUntil
    }

    package func isExpired(at now: Timestamp) -> Bool { now >= until }
}
