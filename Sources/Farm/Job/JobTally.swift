/// What a job's tasks have come to, summed up. Written with the task it counts, and only added to;
/// a task that is tried again takes one away.
package struct JobTally: Hashable, Sendable {
    package var succeeded: Int
    package var failed: Int
    package var canceled: Int
    /// Its assembly task, which is not among the three above, when it has ended: 1, else 0.
    package var assemblies: Int
    /// Frames of succeeded tasks; those of several tasks each count once, when they are stored.
    package var frames: Int
    /// Those of them rendered by the attempt that succeeded (not by an interrupted one before),
    /// and the time in Blender for these: their quotient sizes the fleet.
    package var measuredFrames: Int
    package var renderMilliseconds: Int64
    /// The same by instance type: types differ in speed.
    package var byType: [String: RenderTime]
    /// The cost of the attempts that have ended: the price of the worker's instance for the time of
    /// each lease. An attempt without a known price adds nothing.
    package var cost: Money
    /// Attempts that ended in an error, in an interruption (expired leases too).
    package var failures: Int
    package var interruptions: Int
    /// Stored frames that are black or fully transparent, as far as it was seen when they were rendered.
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

    /// Mean time in Blender for a frame, or `nil` until one was measured.
    package var secondsPerFrame: Double? {
        measuredFrames > 0 ? Double(renderMilliseconds) / 1000 / Double(measuredFrames) : nil
    }

    /// The same on one instance type; the mean of all while that type has measured none.
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
