package import Farm

/// A job with what its attempts came to: the keys of `JobDocument`, and these.
package struct JobStatusDocument: Document, Hashable {
    private let job: JobDocument
    private let details: Details

    private struct Details: Encodable, Hashable {
        let failedAttempts: [FailedAttemptDocument]
        /// Absent when no attempt decided on slices.
        let slicing: SlicingDocument?
        let blankFrameNumbers: [Int]
        /// What Cycles rendered on.
        let devices: [String]
        /// The most memory that Blender took in any attempt.
        let memoryPeakBytes: Int64?
        /// What the whole job will take and cost; empty before a frame is rendered, and at the end.
        let forecast: [EstimateDocument.Row]
    }

    /// - Parameter forecast: Of the whole job; `nil` when there is none.
    package init(_ job: Job, _ attempts: [Attempt], forecast: Estimate?) {
        self.job = JobDocument(job)
        let slicing = SlicingFigures(attempts)
        details = Details(
            failedAttempts: attempts.compactMap { FailedAttemptDocument($0) },
            slicing: slicing.decisions.isEmpty && slicing.sliceCount == 0
                ? nil : SlicingDocument(slicing),
            blankFrameNumbers: BlankFrames(in: attempts).numbers, devices: attempts.devices,
            memoryPeakBytes: attempts.memoryPeak,
            forecast: forecast?.rows.map { EstimateDocument.Row($0) } ?? [])
    }

    package func encode(to encoder: any Encoder) throws {
        try job.encode(to: encoder)
        try details.encode(to: encoder)
    }
}

/// An attempt that failed.
package struct FailedAttemptDocument: Encodable, Hashable, Sendable {
    let job: String
    let task: Int
    let attempt: Int
    let worker: String
    let kind: String
    let errorClass: String
    /// After this many failures of the class the task fails.
    let errorsMax: Int?
    let message: String
    /// Where Blender's log lies in the output bucket.
    let logKey: String?

    /// `nil` for an attempt that did not fail.
    package init?(_ attempt: Attempt, _ retries: RetryPolicy = RetryPolicy()) {
        guard case .failed(let failure) = attempt.outcome else { return nil }
        job = attempt.task.job.rawValue
        task = attempt.task.number
        self.attempt = attempt.token.rawValue
        worker = attempt.worker.rawValue
        kind = failure.kind.rawValue
        errorClass = failure.kind.errorClass.rawValue
        errorsMax = retries.failuresMax(of: failure.kind.errorClass)
        message = failure.message
        logKey = attempt.report?.logKey
    }
}

/// Decisions on slices, and what came of them.
package struct SlicingDocument: Encodable, Hashable, Sendable {
    package struct Decision: Encodable, Hashable, Sendable {
        let text: String
        let tasks: Int
    }

    let decisions: [Decision]
    let slices: Int
    let samples: Int
    let mergeSeconds: Double
    let interruptions: Int
    /// Render time of interrupted attempts that is in no stored slice.
    let lostSeconds: Double
    /// Interrupted attempts whose worker sent no report.
    let unreportedAttempts: Int

    package init(_ figures: SlicingFigures) {
        decisions = figures.decisions.map { Decision(text: $0.decision.words, tasks: $0.taskCount) }
        slices = figures.sliceCount
        samples = figures.sampleCount
        mergeSeconds = figures.merging.seconds
        interruptions = figures.interruptionCount
        lostSeconds = figures.lost.seconds
        unreportedAttempts = figures.unreportedCount
    }
}
