/// What was decided on slices of samples in a job's attempts, and what came of it.
package struct SlicingFigures: Hashable, Sendable {
    /// A decision with its reason and figures, as it was last taken for so many tasks.
    package struct Decision: Hashable, Sendable {
        package let decision: SliceDecision
        package let taskCount: Int
    }

    /// The commonest first.
    package let decisions: [Decision]
    /// Stored by attempts that could tell.
    package let sliceCount: Int
    package let sampleCount: Int
    package let merging: Duration
    /// Attempts in slices that an interruption ended, and their render time without a slice to show
    /// for it: of each the slice in progress, at most.
    package let interruptionCount: Int
    package let lost: Duration
    /// Interrupted attempts that could not tell what they had decided and stored.
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
        let told = interrupted.filter { ($0.report?.slicing?.frameSamples ?? 0) > 0 }
        interruptionCount = told.count
        lost = told.reduce(.zero) { $0 + $1.unkept }
        unreportedCount = interrupted.count { $0.report == nil }
    }
}

extension Attempt {
    /// Of its time, what neither a stored frame or slice nor the way to the first sample accounts for.
    fileprivate var unkept: Duration {
        guard let report else { return end - start }
        let slicing = report.slicing.map { $0.storeMilliseconds + $0.mergeMilliseconds } ?? 0
        let kept = report.fetchMilliseconds + report.renderMilliseconds + slicing
        return max(.zero, end - start - .milliseconds(kept))
    }
}
