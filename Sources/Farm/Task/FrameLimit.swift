/// How long a frame may take before it counts as hung, and why.
///
/// Minutes without output are normal in Blender, so only the time of the whole frame shows a hang.
/// The times of other frames give a tighter limit than one that fits all scenes.
package struct FrameLimit: Hashable, Sendable {
    package let duration: Duration
    /// The limit for opening the scene, from the start of Blender.
    package let opening: Duration
    /// The frames from which the limit was learned, and their mean; `nil` for the general limit.
    package let learnt: RenderTime?

    /// - Parameter opening: `nil` for the same limit as a frame.
    package init(_ duration: Duration, opening: Duration? = nil, learnt: RenderTime? = nil) {
        self.duration = duration
        self.opening = opening ?? duration
        self.learnt = learnt
    }

    /// `300 s, learnt from 24 frames of this job, of 2.1 s in the mean`
    package var words: String {
        let seconds = "\(Int(duration.seconds)) s"
        guard let learnt, let mean = learnt.secondsPerFrame else { return seconds }
        let tenths = Double((mean * 10).rounded()) / 10
        return "\(seconds), learnt from \(learnt.frames) frames of this job, "
            + "of \(tenths) s in the mean"
    }
}

/// Learns the time limit of a frame from rendered frames of its job.
package struct FrameLimitPolicy: Hashable, Sendable {
    /// The limit before enough is measured. Frames take less than an hour on farms, and the hour is
    /// lost only once.
    package var general: Duration = .seconds(3600)
    /// A lower limit would save little, and a busy disk or a cold cache may take minutes too.
    package var floor: Duration = .seconds(300)
    /// Frames of one shot differ by small factors, with more light, smoke or glass in view. A frame
    /// that takes ten times the mean is probably hung.
    package var factor = 10
    /// The three frames of the canary and a few more. Fewer frames could all be part of a fade from
    /// black.
    package var framesMin = 8

    package init() {}

    /// - Parameters:
    ///   - measured: Frames of the job on machines of the same type.
    ///   - hasTimedOut: Whether a frame of the task has hit the limit before. Then the general
    ///     limit applies, so that a heavy frame is ended too early only once.
    package func limit(after measured: RenderTime?, hasTimedOut: Bool) -> FrameLimit {
        guard !hasTimedOut, let measured, measured.frames >= framesMin,
            let mean = measured.secondsPerFrame
        else { return FrameLimit(general) }
        return FrameLimit(
            max(floor, .seconds(mean) * factor), opening: general, learnt: measured)
    }

    /// The limit of a leased task, from frames on the worker's instance type.
    package func limit(for task: RenderTask, of job: Job) -> FrameLimit {
        guard case .leased(let lease) = task.state else { return FrameLimit(general) }
        return limit(
            after: job.tally.byType[lease.pool.instanceType],
            hasTimedOut: task.failures.contains { $0.errorClass == .timeout })
    }
}
