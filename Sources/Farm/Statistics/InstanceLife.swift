/// One instance from launch to end. Its bill and its use of time are computed from this.
package struct InstanceLife: Hashable, Sendable {
    package enum Status: Hashable, Sendable {
        case running
        /// EC2 took its Spot capacity back.
        case reclaimed
        /// The instance ended without a notice.
        case lost
        /// The scaler or a person ended it.
        case ended

        /// Whether EC2 took the instance away or it failed.
        package var isInterruption: Bool { self == .reclaimed || self == .lost }
    }

    package let worker: WorkerID
    package let pool: Pool
    package let lifecycle: WorkerRecord.Lifecycle
    /// EC2 charges from here on.
    package let launched: Timestamp
    /// The worker's program started.
    package let booted: Timestamp
    /// When the first notice of its end came.
    package let noticed: Timestamp?
    /// When its worker was last seen.
    package let lastWord: Timestamp
    /// The present, while it runs.
    package let end: Timestamp
    package let status: Status
    /// In the order of their times.
    package let prices: [PriceStep]
    /// `nil` when the instance has no disk of its own, or none is known.
    package let diskGiB: Int?

    package init(
        worker: WorkerID, pool: Pool, lifecycle: WorkerRecord.Lifecycle, launched: Timestamp,
        booted: Timestamp, noticed: Timestamp? = nil, lastWord: Timestamp? = nil, end: Timestamp,
        status: Status, prices: [PriceStep], diskGiB: Int? = nil
    ) {
        self.worker = worker
        self.pool = pool
        self.lifecycle = lifecycle
        self.launched = launched
        self.booted = max(launched, booted)
        self.noticed = noticed
        self.lastWord = lastWord ?? end
        self.end = max(launched, end)
        self.status = status
        self.prices = prices
        self.diskGiB = diskGiB
    }

    package var duration: Duration { end - launched }
}

extension InstanceLife {
    /// From the worker's record, its notices and its attempts.
    ///
    /// The end is the first of these that is known: the end that EC2 reported; the end that the
    /// worker reported; the deadline of a notice; the last report of a worker that fell silent.
    ///
    /// - Parameter lease: The farm's: it decides after which silence a worker counts as gone.
    package init(
        _ worker: WorkerRecord, notices: [NoticeRecord], attempts: [Attempt],
        lease: LeaseTerms = LeaseTerms(), now: Timestamp
    ) {
        let ends = notices.filter { $0.announced != .rebalance }
        let told = ends.filter { $0.path == .stateChange }.map(\.time).min()
        let deadline = ends.compactMap(\.deadline).min()
        let isReclaimed = ends.contains { $0.isReclaim }
        let lastWord = max(
            worker.seen, attempts.filter { $0.outcome != .expired }.map(\.end).max() ?? worker.seen)
        // The lease ran out after the last report: the worker was gone by then, without a notice.
        let isExpired = attempts.contains { $0.outcome == .expired && $0.end > lastWord }
        let isTold = ends.contains { $0.time <= lastWord }
        // A worker that leaves reports it. This one fell silent and the repair wrote it off.
        let isWrittenOff =
            worker.state == .gone && lease.isLate(after: worker.since - worker.seen) && ends.isEmpty
        let isLost = isWrittenOff || (isExpired && !isTold)
        let over: Status = isReclaimed ? .reclaimed : isLost ? .lost : .ended
        let end: Timestamp
        let status: Status
        if let told {
            (end, status) = (told, over)
        } else if worker.state == .gone {
            (end, status) = (worker.since, over)
        } else if let deadline, deadline < now, isReclaimed {
            (end, status) = (deadline, .reclaimed)
        } else if isExpired || lease.isGone(after: now - lastWord) {
            (end, status) = (lastWord, isTold ? .ended : .lost)
        } else {
            (end, status) = (now, .running)
        }
        self.init(
            worker: worker.id, pool: worker.pool, lifecycle: worker.lifecycle,
            launched: worker.launched, booted: worker.booted, noticed: ends.map(\.time).min(),
            lastWord: lastWord, end: end, status: status, prices: worker.prices,
            diskGiB: worker.diskGiB)
    }

    /// Of a worker whose record is gone. Only the time of its attempts is known.
    ///
    /// - Parameter attempts: At least one.
    package init(_ worker: WorkerID, from attempts: [Attempt]) {
        guard let first = attempts.min(by: { $0.start < $1.start }) else {
            preconditionFailure("A worker without a record is known by its attempts.")
        }
        let end = attempts.map(\.end).max() ?? first.end
        let prices = first.pricePerHour.map { [PriceStep(time: first.start, price: $0)] }
        self.init(
            worker: worker, pool: first.pool, lifecycle: .spot, launched: first.start,
            booted: first.start, end: end, status: .ended, prices: prices ?? [])
    }
}

extension NoticeRecord {
    /// Whether EC2 reclaims the capacity.
    fileprivate var isReclaim: Bool {
        switch announced {
        case .end(.spotTerminate), .end(.spotStop), .end(.spotHibernate): true
        case .end(.scaleIn), .end(.shutdown), .end(.drain), .rebalance: false
        }
    }
}
