/// Counts over a job's tasks. A transaction that moves a task adds to the counts. A retried task
/// subtracts one.
package struct JobTally: Hashable, Sendable {
    package var succeeded: Int
    package var failed: Int
    package var canceled: Int
    /// 1 when the assembly task has ended, else 0. The three counts above leave it out.
    package var assemblies: Int
    /// Frames of succeeded tasks. A frame of several tasks counts once, when it is stored.
    package var frames: Int
    /// The frames that the succeeded attempt itself rendered, without those of an interrupted
    /// attempt before it, and their time in Blender. The quotient sizes the fleet.
    package var measuredFrames: Int
    package var renderMilliseconds: Int64
    /// The same by instance type, since types differ in speed.
    package var byType: [String: RenderTime]
    /// The cost of the attempts that have ended: the price of the worker's instance for the time of
    /// each lease. An attempt without a known price adds nothing.
    package var cost: Money
    /// Attempts that ended in an error, in an interruption (expired leases too).
    package var failures: Int
    package var interruptions: Int
    /// Stored frames that were found black or fully transparent when they were rendered.
    package var blankFrames: Int

    package init(
        succeeded: Int = 0, failed: Int = 0, canceled: Int = 0, assemblies: Int = 0,
        frames: Int = 0, measuredFrames: Int = 0, renderMilliseconds: Int64 = 0,
        byType: [String: RenderTime] = [:],
        cost: Money = .zero, failures: Int = 0, interruptions: Int = 0,
        blankFrames: Int = 0
    ) {
        self.succeeded = succeeded
        self.failed = failed
        self.canceled = canceled
        self.assemblies = assemblies
        self.frames = frames
        self.measuredFrames = measuredFrames
        self.renderMilliseconds = renderMilliseconds
        self.byType = byType
        self.cost = cost
        self.failures = failures
        self.interruptions = interruptions
        self.blankFrames = blankFrames
    }

    package var terminalTasks: Int { succeeded + failed + canceled }

    /// Mean time in Blender for a frame; `nil` before the first measurement.
    package var secondsPerFrame: Double? {
        measuredFrames > 0 ? Double(renderMilliseconds) / 1000 / Double(measuredFrames) : nil
    }

    /// The same on one instance type, or the mean of all types before its first measurement.
    package func secondsPerFrame(on type: String) -> Double? {
        byType[type]?.secondsPerFrame ?? secondsPerFrame
    }

    package var isZero: Bool { self == JobTally() }

    package static func + (left: JobTally, right: JobTally) -> JobTally {
        JobTally(
            succeeded: left.succeeded + right.succeeded, failed: left.failed + right.failed,
            canceled: left.canceled + right.canceled,
            assemblies: left.assemblies + right.assemblies, frames: left.frames + right.frames,
            measuredFrames: left.measuredFrames + right.measuredFrames,
            renderMilliseconds: left.renderMilliseconds + right.renderMilliseconds,
            byType: left.byType.merging(right.byType, uniquingKeysWith: +),
            cost: left.cost + right.cost,
            failures: left.failures + right.failures,
            interruptions: left.interruptions + right.interruptions,
            blankFrames: left.blankFrames + right.blankFrames)
    }
}
