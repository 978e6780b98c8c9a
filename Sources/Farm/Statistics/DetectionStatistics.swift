/// How soon the work of machines that were taken away waited for others again, by the way in which
/// their end was told.
///
///     EC2 announces ──▶ someone hears ──▶ the task is queued ──▶ its message is sent: visible
///     └──────────────────────── what is measured ─────────────────────────┘
///
/// Time runs from EC2's announcement where that is known: how long it takes to hear is what tells
/// the ways apart. A machine whose power is cut announces nothing: there it runs from the cut. The
/// farm's own records know neither; see `Origin`.
package struct DetectionStatistics: Hashable, Sendable {
    package enum Method: String, Hashable, Sendable, CaseIterable {
        /// Only the instance's metadata told.
        case imds
        /// Only the event told.
        case eventBridge = "eventbridge"
        case both
        /// Nothing told: the lease ran out.
        case kill
    }

    /// Where a reclaim's time comes from.
    package enum Origin: Hashable, Sendable {
        /// EC2's announcement, or the cut of the power: known where EC2 is played.
        case announcement
        /// The farm's first record of it; without any, the last word of the machine's worker.
        case record
    }

    /// One machine that was taken away.
    package struct Reclaim: Hashable, Sendable {
        package let worker: WorkerID
        package let method: Method
        /// As the statistics' origin has it.
        package let time: Timestamp

        package init(worker: WorkerID, method: Method, time: Timestamp) {
            self.worker = worker
            self.method = method
            self.time = time
        }
    }

    package struct Row: Hashable, Sendable {
        package let method: Method
        package fileprivate(set) var reclaimCount = 0
        /// From the reclaim's time until the task was visible again: one for each task that had to be
        /// handed on, the shortest first. Where nobody noted when its message was sent, until its
        /// requeue was written.
        package fileprivate(set) var delays: [Duration] = []
        /// Render time without a frame to show for it.
        package fileprivate(set) var lost: Duration = .zero
        /// Attempts among them whose worker could not tell what it lost: they count from lease to
        /// end, so that `lost` is an upper bound.
        package fileprivate(set) var unreportedCount = 0
        /// Frames that were stored after the notice, by workers that went on because they fitted.
        package fileprivate(set) var framesFinished = 0

        /// The smallest delay that at least `percent` of all do not exceed: nearest rank, so always
        /// one that was measured. `nil` when there is none.
        package func delay(percentile percent: Int) -> Duration? {
            precondition((1...100).contains(percent), "A percentile is from 1 to 100.")
            guard !delays.isEmpty else { return nil }
            return delays[(delays.count * percent + 99) / 100 - 1]
        }
    }

    package let origin: Origin
    /// One for each method by which a machine was taken away, in the order of `Method`.
    package let rows: [Row]

    /// - Parameters:
    ///   - notices: All that the reclaimed workers and the handler wrote down.
    ///   - attempts: Of the jobs in question; those of other workers may be among them.
    package init(
        since origin: Origin = .announcement, reclaims: [Reclaim], notices: [NoticeRecord],
        attempts: [Attempt]
    ) {
        self.origin = origin
        let notices = Dictionary(grouping: notices, by: \.worker)
        let attempts = Dictionary(grouping: attempts, by: \.worker)
        rows = Method.allCases.compactMap { method in
            var row = Row(method: method)
            for reclaim in reclaims where reclaim.method == method {
                row.add(
                    reclaim, notices[reclaim.worker] ?? [],
                    attempts[reclaim.worker] ?? [])
            }
            row.delays.sort()
            return row.reclaimCount > 0 ? row : nil
        }
    }
}

extension DetectionStatistics.Row {
    fileprivate mutating func add(
        _ reclaim: DetectionStatistics.Reclaim, _ notices: [NoticeRecord], _ attempts: [Attempt]
    ) {
        reclaimCount += 1
        framesFinished += notices.reduce(0) { $0 + $1.framesFinished }
        for attempt in attempts where attempt.isHandedOn && attempt.end >= reclaim.time {
            let visible = notices.flatMap(\.responses)
                .filter { $0.task == attempt.task }
                .compactMap(\.visible).filter { $0 >= attempt.end }.min()
            delays.append((visible ?? attempt.end) - reclaim.time)
            let told = notices.first { notice in
                notice.lost != nil && notice.responses.contains { $0.task == attempt.task }
            }?.lost
            if told == nil { unreportedCount += 1 }
            // A machine without power renders nothing, however long its lease goes on.
            let end = method == .kill ? reclaim.time : attempt.end
            lost += told ?? max(.zero, end - attempt.start)
        }
    }
}

extension Attempt {
    /// The machine is why it ended, and its task went to another.
    package var isHandedOn: Bool {
        switch outcome {
        case .interrupted, .expired: true
        case .succeeded, .failed, .canceled: false
        }
    }
}
