/// Decisions about slices of samples in a job's attempts, and their results.
package struct SlicingFigures: Hashable, Sendable {
    /// A decision with its reason and figures, and the number of tasks whose last decision it was.
    package struct Decision: Hashable, Sendable {
        package let decision: SliceDecision
        package let taskCount: Int
    }

    /// The most frequent first.
    package let decisions: [Decision]
    /// From attempts that reported.
    package let sliceCount: Int
    package let sampleCount: Int
    package let merging: Duration
    /// Interrupted attempts that rendered slices, and their lost render time: for each attempt at
    /// most the slice in progress.
    package let interruptionCount: Int
    package let lost: Duration
    /// Interrupted attempts without a report.
    package let unreportedCount: Int

    package init(_ attempts: [Attempt]) {
        let last = Dictionary(grouping: attempts, by: \.task).values.compactMap { tries in
            tries.filter { $0.report?.slicing != nil }.max { $0.token < $1.token }?.report?.slicing
        }
        decisions = Dictionary(grouping: last, by: \.decision)
            .map { Decision(decision: $0.key, taskCount: $0.value.count) }
            .sorted { ($1.taskCount, "\($0.decision)") < ($0.taskCount, "\($1.decision)") }
        let reports = attempts.compactMap { $0.report?.slicing }
        sliceCount = reports.reduce(0) { $0 + $1.sliceCount }
        sampleCount = reports.reduce(0) { $0 + $1.sampleCount }
        merging = .milliseconds(reports.reduce(0) { $0 + $1.mergeMilliseconds })
        let interrupted = attempts.filter(\.isHandedOn)
        let reported = interrupted.filter { ($0.report?.slicing?.frameSamples ?? 0) > 0 }
        interruptionCount = reported.count
        lost = reported.reduce(.zero) { $0 + $1.unkept }
        unreportedCount = interrupted.count { $0.report == nil }
    }
}

extension Attempt {
    /// The part of its time without a stored frame or slice, after the first sample began.
    fileprivate var unkept: Duration {
        guard let report else { return end - start }
        let slicing = report.slicing.map { $0.storeMilliseconds + $0.mergeMilliseconds } ?? 0
        let kept = report.fetchMilliseconds + report.renderMilliseconds + slicing
        return max(.zero, end - start - .milliseconds(kept))
    }
}
