/// A worker's right to a task until a time.
package struct Lease: Hashable, Sendable {
    package let worker: WorkerID
    package let pool: Pool
    package let start: Timestamp
    package var until: Timestamp

    package init(worker: WorkerID, pool: Pool, start: Timestamp, until: Timestamp) {
        self.worker = worker
        self.pool = pool
        self.start = start
        self.until = until
    }

    package func isExpired(at now: Timestamp) -> Bool { now >= until }
}
