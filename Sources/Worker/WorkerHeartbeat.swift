package import Farm
package import Logging

/// Writes this worker and its state to the worker store, and protects its instance from scale-in
/// while it renders.
package actor WorkerHeartbeat {
    package struct Ports: Sendable {
        package var workers: any WorkerStore
        package var protection: any InstanceProtection
        package var prices: any InstancePrices
        package var time: any TimeSource
        /// The engine's progress with its frame; `nil` when it reports none.
        package var frame: @Sendable () -> FrameProgress?

        package init(
            workers: any WorkerStore, protection: any InstanceProtection,
            prices: any InstancePrices, time: any TimeSource,
            frame: @escaping @Sendable () -> FrameProgress? = { nil }
        ) {
            self.workers = workers
            self.protection = protection
            self.prices = prices
            self.time = time
            self.frame = frame
        }
    }

    private var record: WorkerRecord
    /// The protection that Auto Scaling confirmed last; `nil` before the first call and after a
    /// failed one.
    private var isProtected: Bool?
    /// When to read the price again.
    private var nextPriceTime: Timestamp
    private let ports: Ports
    private let interval: Duration
    private let log: Logger

    package init(_ record: WorkerRecord, ports: Ports, interval: Duration, log: Logger) {
        self.record = record
        nextPriceTime = record.launched
        self.ports = ports
        self.interval = interval
        self.log = log
    }

    /// Whether the scaler ends this instance. Then no task may be begun.
    package var isRetired: Bool { record.state.drainCause?.isEndedByScaler ?? false }

    /// Moves this worker and reports it. A draining worker stays so until it is gone.
    package func transition(_ event: WorkerRecord.Event) async {
        guard case .moved = record.apply(event, at: ports.time.now()) else { return }
        await report()
    }

    /// Records that the worker is about to lease a task. This report must be stored: otherwise the
    /// scaler could end a busy worker.
    ///
    /// - Returns: `false` when the scaler or a notice came first. The worker then takes no lease.
    package func begin(_ task: TaskID) async throws(PortError) -> Bool {
        guard case .moved = record.apply(.begin(task), at: ports.time.now()) else { return false }
        try await save()
        guard !record.state.isFinal else {
            // The begin was saved with a drain that came in between: this worker begins nothing.
            await transition(.finish)
            return false
        }
        await protect()
        return true
    }

    /// A frame of the task is stored. The next report contains it.
    package func storedFrame() {
        record.progress?.framesStored += 1
    }

    /// Adds frames that this worker stored, however their task ended.
    package func count(frames: Int) {
        record.framesDone += frames
    }

    /// EC2 recommends to leave the instance.
    ///
    /// - Returns: This worker's id.
    package func cool(until end: Timestamp) async -> WorkerID {
        record.coolingUntil = end
        await report()
        return record.id
    }

    /// The first report, before any lease: the repair must know every worker that holds a task.
    package func register() async throws(PortError) {
        if let earlier = try await ports.workers.worker(record.id) {
            record.apply(.restart(earlier), at: record.seen)
        }
        await readPrices()
        try await save()
    }

    /// The price that attempts record; `nil` when the worker could not read it.
    package var pricePerHour: Money? { record.pricePerHour }

    /// Reads the price when an hour of the instance begins: EC2 charges that price for the whole
    /// hour.
    ///
    /// A worker renders without knowing its price. It tries again with the next report.
    private func readPrices() async {
        let now = ports.time.now()
        guard now >= nextPriceTime else { return }
        do {
            let steps = try await ports.prices.prices(from: record.launched, to: now)
            record.prices = record.prices.merged(with: steps)
            let hours = (now - record.launched).milliseconds / 3_600_000
            nextPriceTime = record.launched + .seconds(3600 * (hours + 1))
        } catch {
            log.warning("could not read the instance's price", metadata: ["error": "\(error)"])
        }
    }

    /// Sends a report once in each interval, until canceled.
    package func run() async {
        while true {
            do {
                try await ports.time.sleep(for: interval)
            } catch {
                return
            }
            await readPrices()
            await report()
        }
    }

    /// A failure is only logged: the next interval brings the next report.
    private func report() async {
        do {
            try await save()
        } catch {
            log.warning("could not report this worker", metadata: ["error": "\(error)"])
        }
        await protect()
    }

    /// Saves the record. If the record has changed meanwhile, its end and its cooling time are
    /// taken over first.
    private func save() async throws(PortError) {
        for _ in 0..<raceAttemptsMax {
            record.seen = ports.time.now()
            record.progress?.frame = ports.frame()
            let reported = record
            if let saved = try await ports.workers.save(reported) {
                // The record may have changed during the call, so only the revision is taken over.
                record.revision = max(record.revision, saved.revision)
                return
            }
            guard let other = try await ports.workers.worker(record.id) else {
                record.revision = 0
                continue
            }
            record.apply(.takeOver(other), at: ports.time.now())
        }
        throw PortError(.unavailable, "report worker \(record.id)", "it kept changing; try again")
    }

    /// Protects a rendering worker, even a retired one. A worker with a notice loses its instance
    /// anyway.
    private func protect() async {
        let isBusy = isRetired && record.progress != nil
        let wanted = record.state == .rendering || isBusy
        guard isProtected != wanted else { return }
        do {
            try await ports.protection.protect(wanted)
            isProtected = wanted
        } catch {
            // The next report tries again. Meanwhile the scaler respects the worker's state.
            isProtected = nil
            log.warning(
                "could not set the instance's protection",
                metadata: ["isProtected": "\(wanted)", "error": "\(error)"])
        }
    }
}
