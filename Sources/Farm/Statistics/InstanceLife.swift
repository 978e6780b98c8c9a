/// One instance from launch to end, as far as it is known: what its bill and its time are made of.
package struct InstanceLife: Hashable, Sendable {
    package enum Ending: Hashable, Sendable {
        case running
        /// EC2 took its Spot capacity back.
        case reclaimed
        /// Nothing was heard of its end: its machine went without a word.
        case lost
        /// The fleet got smaller, or someone ended it.
        case ended

        /// Whether it was taken away from its work.
        package var isInterruption: Bool { self == .reclaimed || self == .lost }
    }

    package let worker: WorkerID
    package let pool: Pool
    package let lifecycle: WorkerRecord.Lifecycle
    /// EC2 is paid from here on.
    package let launched: Timestamp
    /// The worker's program began.
    package let booted: Timestamp
    /// Where the first word of its end came.
    package let noticed: Timestamp?
    /// The last that its worker said.
    package let lastWord: Timestamp
    /// Now, while it runs.
    package let end: Timestamp
    package let ending: Ending
    /// In the order of their times.
    package let prices: [PriceStep]
    /// `nil` where the instance has no disk of its own, or did not say.
    package let diskGiB: Int?

    package init(
        worker: WorkerID, pool: Pool, lifecycle: WorkerRecord.Lifecycle, launched: Timestamp,
        booted: Timestamp, noticed: Timestamp? = nil, lastWord: Timestamp? = nil, end: Timestamp,
        ending: Ending, prices: [PriceStep], diskGiB: Int? = nil
    ) {
        self.worker = worker
        self.pool = pool
        self.lifecycle = lifecycle
        self.launched = launched
        self.booted = max(launched, booted)
        self.noticed = noticed
        self.lastWord = lastWord ?? end
        self.end = max(launched, end)
        self.ending = ending
        self.prices = prices
        self.diskGiB = diskGiB
    }

    package var duration: Duration { end - launched }
}

extension InstanceLife {
    /// From what the worker, its notices and its attempts tell.
    ///
    /// It ends, by what is known best: when EC2 said so; when the worker said that it leaves; at the
    /// deadline of a notice; with the last word of one that fell silent.
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
        // A lease that ran out after the last word: its holder was gone by then, untold.
        let isExpired = attempts.contains { $0.outcome == .expired && $0.end > lastWord }
        let isTold = ends.contains { $0.time <= lastWord }
        // A worker that leaves says so itself: this one was written off when it had fallen silent.
        let isWrittenOff =
            worker.state == .gone && lease.isLate(after: worker.since - worker.seen) && ends.isEmpty
        let isLost = isWrittenOff || (isExpired && !isTold)
        let over: Ending = isReclaimed ? .reclaimed : isLost ? .lost : .ended
        let end: Timestamp
        let ending: Ending
        if let told {
            (end, ending) = (told, over)
        } else if worker.state == .gone {
            (end, ending) = (worker.since, over)
        } else if let deadline, deadline < now, isReclaimed {
            (end, ending) = (deadline, .reclaimed)
        } else if isExpired || lease.isGone(after: now - lastWord) {
            (end, ending) = (lastWord, isTold ? .ended : .lost)
        } else {
            (end, ending) = (now, .running)
        }
        self.init(
            worker: worker.id, pool: worker.pool, lifecycle: worker.lifecycle,
            launched: worker.launched, booted: worker.booted, noticed: ends.map(\.time).min(),
            lastWord: lastWord, end: end, ending: ending, prices: worker.prices,
            diskGiB: worker.diskGiB)
    }

    /// Of a worker whose record is gone: no longer than its attempts tell.
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
            booted: first.start, end: end, ending: .ended, prices: prices ?? [])
    }
}

extension NoticeRecord {
    /// EC2 takes the capacity back.
    fileprivate var isReclaim: Bool {
        switch announced {
        case .end(.spotTerminate), .end(.spotStop), .end(.spotHibernate): true
        case .end(.scaleIn), .end(.shutdown), .end(.drain), .rebalance: false
        }
    }
}
