/// How an instance spent its time from launch to end. The parts add up to its life.
package struct TimeUse: Hashable, Sendable {
    package enum Part: String, Hashable, Sendable, CaseIterable {
        /// Blender rendered frames that are stored.
        case useful
        /// Time of attempts that an interruption made useless.
        case lost
        /// The same for failed and canceled attempts.
        case failed
        /// From the lease until Blender had the scene open: fetch, start, open.
        case sceneLoad = "scene-load"
        /// The overhead of slices: storing each while Blender waits, and merging them.
        case slices
        /// The rest of an attempt: checking and storing pictures, storing the log, writing the
        /// table.
        case storing
        /// From the launch until the worker's program started.
        case boot
        /// Without a task.
        case idle
        /// Without a task, after the first notice of its end.
        case drain
    }

    private var parts: [Part: Duration] = [:]
    /// Interrupted attempts without a report. Their whole time counts as lost.
    package private(set) var unreportedCount = 0

    package init() {}

    package subscript(part: Part) -> Duration { parts[part] ?? .zero }

    package var total: Duration { parts.values.reduce(.zero, +) }

    /// Useful time as a part of all time; `nil` without any.
    package var goodput: Double? {
        total > .zero ? self[.useful] / total : nil
    }

    package static func += (sum: inout TimeUse, other: TimeUse) {
        sum.parts.merge(other.parts, uniquingKeysWith: +)
        sum.unreportedCount += other.unreportedCount
    }

    private mutating func add(_ duration: Duration, to part: Part) {
        if duration > .zero { parts[part, default: .zero] += duration }
    }
}

extension TimeUse {
    /// How one instance spent its time. A worker has one task at a time, so attempts do not
    /// overlap. An expired lease that outlives its instance ends with the instance.
    ///
    /// - Parameters:
    ///   - attempts: All attempts of this worker, of all jobs.
    ///   - jobs: Their attempts count. Of the time between attempts they get `share`.
    package init(
        _ life: InstanceLife, attempts: [Attempt], of jobs: Set<JobID>, share: Share
    ) {
        var between = TimeUse()
        var at = min(life.booted, life.end)
        between.add(at - life.launched, to: .boot)
        for attempt in attempts.sorted(by: { $0.start < $1.start }) {
            let start = min(max(attempt.start, at), life.end)
            let end = min(max(attempt.end, start), life.end)
            between.wait(from: at, to: start, life.noticed)
            if jobs.contains(attempt.task.job) { add(attempt, held: end - start) }
            at = end
        }
        between.wait(from: at, to: life.end, life.noticed)
        for (part, duration) in between.parts {
            add(.milliseconds(share.of(duration.milliseconds)), to: part)
        }
    }

    /// A fraction of whole numbers.
    package struct Share: Hashable, Sendable {
        package let part: Int64
        package let whole: Int64

        package static let all = Share(part: 1, whole: 1)

        package init(part: Int64, whole: Int64) {
            precondition(part >= 0 && whole >= part && whole > 0, "A share is a part of a whole.")
            self.part = part
            self.whole = whole
        }

        package func of(_ amount: Int64) -> Int64 {
            Int64(Int128(amount) * Int128(part) / Int128(whole))
        }
    }

    private mutating func wait(from start: Timestamp, to end: Timestamp, _ noticed: Timestamp?) {
        let turn = min(max(noticed ?? end, start), end)
        add(turn - start, to: .idle)
        add(end - turn, to: .drain)
    }

    private mutating func add(_ attempt: Attempt, held: Duration) {
        let report = attempt.report ?? RenderReport()
        let scene = min(
            held, .milliseconds(report.fetchMilliseconds + report.openMilliseconds))
        let useful = min(
            held - scene,
            .milliseconds(max(0, report.renderMilliseconds - report.openMilliseconds)))
        let slicing = report.slicing.map { $0.storeMilliseconds + $0.mergeMilliseconds } ?? 0
        let slices = min(held - scene - useful, .milliseconds(slicing))
        let rest = held - scene - useful - slices
        add(scene, to: .sceneLoad)
        add(useful, to: .useful)
        add(slices, to: .slices)
        switch attempt.outcome {
        case .succeeded: add(rest, to: .storing)
        case .failed, .canceled: add(rest, to: .failed)
        case .interrupted, .expired:
            add(rest, to: .lost)
            if attempt.report == nil { unreportedCount += 1 }
        }
    }
}
