package import Farm
package import Logging

/// Says in the worker store that this worker is there and what it does, and keeps its instance from
/// being taken while it is busy.
package actor WorkerHeartbeat {
    package struct Ports: Sendable {
        package var workers: any WorkerStore
        package var protection: any InstanceProtection
        package var prices: any InstancePrices
        package var time: any TimeSource
        /// How far the engine is with its frame; `nil` when it does not say.
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
    /// As Auto Scaling was told last; `nil` before the first time, and when it can't be known.
    private var isProtected: Bool?
    /// When the price is asked for again.
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

    /// The word before a lease: `false` when the scaler was first, or a notice, so that no lease may
    /// be taken. Unlike other words it must be stored, or the scaler would end a busy worker.
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

    /// A frame of the task is stored; told with the next word.
    package func storedFrame() {
        record.progress?.framesStored += 1
    }

    package func count(frames: Int) {
        record.framesDone += frames
    }

    /// EC2 recommends to leave the instance. The answer is who this worker is.
    package func cool(until end: Timestamp) async -> WorkerID {
        record.coolingUntil = end
        await report()
        return record.id
    }

    /// The first word, before any task is leased: what holds a task must be known to the repair.
    package func register() async throws(PortError) {
        if let earlier = try await ports.workers.worker(record.id) {
            record.apply(.restart(earlier), at: record.seen)
        }
        await learnPrices()
        try await save()
    }

    /// What the instance costs now, for attempts to note; `nil` when it could not be learned.
    package var pricePerHour: Double? { record.pricePerHour }

    /// An hour of an instance has the price in force where it began, so that is when to ask.
    ///
    /// Frames come before bills: a worker that can't learn its price renders all the same, and asks
    /// again with the next word.
    private func learnPrices() async {
        let now = ports.time.now()
        guard now >= nextPriceTime else { return }
        do {
            let steps = try await ports.prices.prices(from: record.launched, to: now)
            record.prices = record.prices.merged(with: steps)
            let hours = (now - record.launched).milliseconds / 3_600_000
            nextPriceTime = record.launched + .seconds(3600 * (hours + 1))
        } catch {
            log.warning("can't learn the instance's price", metadata: ["error": "\(error)"])
        }
    }

    /// Repeats it until canceled.
    package func run() async {
        while true {
            do {
                try await ports.time.sleep(for: interval)
            } catch {
                return
            }
            await learnPrices()
            await report()
        }
    }

    /// A word lost is said again at the next interval, so it only costs a log line.
    private func report() async {
        do {
            try await save()
        } catch {
            log.warning("could not report this worker", metadata: ["error": "\(error)"])
        }
        await protect()
    }

    /// Someone else's word in between is taken over: its end, and how long to stay cool.
    private func save() async throws(PortError) {
        for _ in 0..<raceAttemptsMax {
            record.seen = ports.time.now()
            record.progress?.frame = ports.frame()
            let said = record
            if let saved = try await ports.workers.save(said) {
                // Frames may have been counted meanwhile.
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

    /// Only a worker that renders is kept, also after it was retired: one that was warned goes anyway.
    private func protect() async {
        let isBusy = isRetired && record.progress != nil
        let wanted = record.state == .rendering || isBusy
        guard isProtected != wanted else { return }
        do {
            try await ports.protection.protect(wanted)
            isProtected = wanted
        } catch {
            // Tried again with the next word; meanwhile the scaler looks at the state all the same.
            isProtected = nil
            log.warning(
                "could not set the instance's protection",
                metadata: ["isProtected": "\(wanted)", "error": "\(error)"])
        }
    }
}
