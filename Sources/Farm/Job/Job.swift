/// One scene and a frame range, and how far it is.
///
///     splitting ──split──▶ queued ──start──▶ rendering ──settle──▶ succeeded | failed
///         └──────────────── cancel, from any of these ────────────▶ canceled
///
/// A file that can't be rendered is written as a failed job, with the reason, so that its uploader
/// finds out why there are no frames.
package struct Job: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        /// Its tasks are being written; none has a message yet.
        case splitting
        case queued
        case rendering
        case succeeded
        case failed(reason: String)
        case canceled

        package var isSettled: Bool {
            switch self {
            case .splitting, .queued, .rendering: false
            case .succeeded, .failed, .canceled: true
            }
        }
    }

    package enum Event: Hashable, Sendable {
        /// All tasks and messages are written.
        case split
        /// The first task was leased.
        case start
        /// The last task became terminal.
        case settle
        case cancel
    }

    package let id: JobID
    package let source: SceneObject
    /// `nil` for a job that failed before its file could be read.
    package let settings: RenderSettings?
    /// Frames in a task; the last one may hold fewer.
    package let chunk: Int
    package let taskCount: Int
    package let created: Timestamp
    package private(set) var state: State
    package private(set) var settled: Timestamp?
    /// Written by task transitions only, in the transaction that moves the task.
    package let tally: JobTally

    package init(
        id: JobID, source: SceneObject, settings: RenderSettings?, chunk: Int, taskCount: Int,
        created: Timestamp, state: State = .splitting, settled: Timestamp? = nil,
        tally: JobTally = JobTally()
    ) {
        self.id = id
        self.source = source
        self.settings = settings
        self.chunk = chunk
        self.taskCount = taskCount
        self.created = created
        self.state = state
        self.settled = settled
        self.tally = tally
    }

    /// A job that ends before it begins.
    package static func refused(
        _ refusal: JobRefusal, id: JobID, source: SceneObject, at now: Timestamp
    ) -> Job {
        Job(
            id: id, source: source, settings: nil, chunk: 1, taskCount: 0, created: now,
            state: .failed(reason: refusal.description), settled: now)
    }

    package var openTaskCount: Int { taskCount - tally.terminalTasks }

    /// The job after an event, or `nil` when the event changes nothing (again, or too late).
    package func after(_ event: Event, at now: Timestamp) -> Job? {
        let next: State
        switch (event, state) {
        case (.split, .splitting): next = .queued
        case (.start, .queued): next = .rendering
        case (.settle, .queued), (.settle, .rendering), (.settle, .splitting):
            guard openTaskCount == 0 else { return nil }
            next = outcome
        case (.cancel, .splitting), (.cancel, .queued), (.cancel, .rendering): next = .canceled
        case (.split, _), (.start, _), (.settle, _), (.cancel, _): return nil
        }
        var job = self
        job.state = next
        job.settled = next.isSettled ? now : nil
        return job
    }

    private var outcome: State {
        guard tally.failed == 0 else {
            return .failed(
                reason: "\(tally.failed) of \(taskCount) tasks failed: "
                    + "their reasons and logs stand with them.")
        }
        return tally.canceled == 0 ? .succeeded : .canceled
    }
}

/// What a job's tasks have come to, summed up. Only ever added to, with the task it counts.
package struct JobTally: Hashable, Sendable {
    package var succeeded: Int
    package var failed: Int
    package var canceled: Int
    /// Frames of succeeded tasks.
    package var frames: Int
    /// Those of them rendered by the attempt that succeeded (not by an interrupted one before),
    /// and the time in Blender for these: their quotient sizes the fleet.
    package var measuredFrames: Int
    package var renderMilliseconds: Int64
    /// Attempts that ended in an error, in an interruption (expired leases too).
    package var failures: Int
    package var interruptions: Int

    package init(
        succeeded: Int = 0, failed: Int = 0, canceled: Int = 0, frames: Int = 0,
        measuredFrames: Int = 0, renderMilliseconds: Int64 = 0, failures: Int = 0,
        interruptions: Int = 0
    ) {
        self.succeeded = succeeded
        self.failed = failed
        self.canceled = canceled
        self.frames = frames
        self.measuredFrames = measuredFrames
        self.renderMilliseconds = renderMilliseconds
        self.failures = failures
        self.interruptions = interruptions
    }

    package var terminalTasks: Int { succeeded + failed + canceled }

    /// Mean time in Blender for a frame, or `nil` until one was measured.
    package var secondsPerFrame: Double? {
        measuredFrames > 0 ? Double(renderMilliseconds) / 1000 / Double(measuredFrames) : nil
    }

    package var isZero: Bool { self == JobTally() }

    package static func + (left: JobTally, right: JobTally) -> JobTally {
        JobTally(
            succeeded: left.succeeded + right.succeeded, failed: left.failed + right.failed,
            canceled: left.canceled + right.canceled, frames: left.frames + right.frames,
            measuredFrames: left.measuredFrames + right.measuredFrames,
            renderMilliseconds: left.renderMilliseconds + right.renderMilliseconds,
            failures: left.failures + right.failures,
            interruptions: left.interruptions + right.interruptions)
    }
}
