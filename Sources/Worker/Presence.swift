package import Farm
package import Logging

/// Says in the worker store that this worker is there, and what it does.
package actor Presence {
    private var record: WorkerRecord
    private let workers: any WorkerStore
    private let interval: Duration
    private let time: any TimeSource
    private let log: Logger

    package init(
        _ record: WorkerRecord, workers: any WorkerStore, interval: Duration,
        time: any TimeSource, log: Logger
    ) {
        self.record = record
        self.workers = workers
        self.interval = interval
        self.time = time
        self.log = log
    }

    package func become(_ state: WorkerRecord.State) async {
        guard record.state != state else { return }
        record.state = state
        await say()
    }

    /// EC2 recommends to leave the instance. The answer is who this worker is.
    package func cool(until end: Timestamp) async -> WorkerID {
        record.coolingUntil = end
        await say()
        return record.id
    }

    package func count(frames: Int) {
        record.framesDone += frames
    }

    /// The first word, before any task is leased: what holds a task must be known to the repair.
    package func register() async throws(PortError) {
        record.seen = time.now()
        try await workers.save(record)
    }

    /// Repeats it until canceled.
    package func run() async {
        while true {
            do {
                try await time.sleep(for: interval)
            } catch {
                return
            }
            await say()
        }
    }

    /// A word lost is said again at the next interval, so it only costs a log line.
    private func say() async {
        record.seen = time.now()
        do {
            try await workers.save(record)
        } catch {
            log.warning("could not report this worker", metadata: ["error": "\(error)"])
        }
    }
}
