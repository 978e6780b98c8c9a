/// How soon other workers can take the tasks of reclaimed instances, by the kind of notice.
///
///     EC2 announces ──▶ a notice arrives ──▶ the task is queued ──▶ its message is visible
///     └──────────────────────────── measured time ────────────────────────────┘
///
/// The time starts with EC2's announcement where that is known: the kinds of notice differ in how
/// long they take to arrive. An instance whose power is cut has no announcement: its time starts
/// with the cut. The farm's own records contain neither; see `Origin`.
package struct DetectionStatistics: Hashable, Sendable {
    package enum Method: String, Hashable, Sendable, CaseIterable {
        /// Only the instance metadata announced the end.
        case imds
        /// Only the event announced the end.
        case eventBridge = "eventbridge"
        case both
        /// Without any notice: the lease ran out.
        case kill
    }

    /// The start of the measured time.
    package enum Origin: Hashable, Sendable {
        /// EC2's announcement, or the power cut: known only in the emulator.
        case announcement
        /// The farm's first record of the end; without any, the worker's last report.
        case record
    }

    /// One instance that was taken away.
    package struct Reclaim: Hashable, Sendable {
        package let worker: WorkerID
        package let method: Method
        /// The start of the measured time; see `Origin`.
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
        /// From the reclaim's time until the task was visible again, for each requeued task, the
        /// shortest first. Without a record of the message, until the requeue was written.
        package fileprivate(set) var delays: [Duration] = []
        /// Render time that produced no stored frame.
        package fileprivate(set) var lost: Duration = .zero
        /// Attempts whose worker did not report its loss. They count from lease to end, so `lost`
        /// is an upper bound.
        package fileprivate(set) var unreportedCount = 0
        /// Frames that workers finished and stored after the notice.
        package fileprivate(set) var framesFinished = 0

        /// The smallest delay that at least `percent` of all delays do not exceed. By nearest rank,
        /// so it is always a measured delay. `nil` without any.
        package func delay(percentile percent: Int) -> Duration? {
            precondition((1...100).contains(percent), "A percentile is from 1 to 100.")
            guard !delays.isEmpty else { return nil }
            return delays[(delays.count * percent + 99) / 100 - 1]
        }
    }

    package let origin: Origin
    /// One row for each method with a reclaim, in the order of `Method`.
    package let rows: [Row]

    /// - Parameters:
    ///   - notices: All records of the reclaimed workers and of the interruption handler.
    ///   - attempts: All attempts of the jobs. Attempts of other workers are ignored.
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
            // An instance without power renders nothing, even while its lease still runs.
            let end = method == .kill ? reclaim.time : attempt.end
            lost += told ?? max(.zero, end - attempt.start)
        }
    }
}

extension Attempt {
    /// Whether an interruption ended the attempt, so that its task went back to the queue.
    package var isHandedOn: Bool {
        switch outcome {
        case .interrupted, .expired: true
        case .succeeded, .failed, .canceled: false
        }
    }
}
