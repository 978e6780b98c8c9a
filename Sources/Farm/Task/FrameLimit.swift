/// How long a frame may take before it is taken for hung, and why so long.
///
/// Minutes of silence are normal in Blender, so a hang shows only in a frame's whole time. What its
/// neighbours took tells sooner than any limit that fits all scenes.
package struct FrameLimit: Hashable, Sendable {
    package let duration: Duration
    /// For opening the scene, from Blender's start on: frames say nothing of it.
    package let opening: Duration
    /// Neighbours' frames that it was learnt from, and their mean; `nil` for the general limit.
    package let learnt: RenderTime?

    /// - Parameter opening: `nil` for as long as a frame.
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

/// Learns a frame's time limit from the frames of its job that are rendered.
package struct FrameLimitPolicy: Hashable, Sendable {
    /// For as long as little is known: an hour is more than farms' frames take, and is lost only once.
    package var general: Duration = .seconds(3600)
    /// Below that a limit saves nothing that matters, and a busy disk or a cold cache takes minutes, too.
    package var floor: Duration = .seconds(300)
    /// Frames of one shot differ by a few times: more light, smoke or glass in view. What takes ten times
    /// the mean is more likely hung than heavy.
    package var factor = 10
    /// The canary's three frames and a few more: fewer may all be of a fade from black.
    package var framesMin = 8

    package init() {}

    /// - Parameters:
    ///   - measured: The job's frames on machines like this one.
    ///   - hasTimedOut: Whether a frame of the task was ended before. It is tried with the general limit
    ///     then, so that one that is heavy, and not hung, is ended too soon once only.
    package func limit(after measured: RenderTime?, hasTimedOut: Bool) -> FrameLimit {
        guard !hasTimedOut, let measured, measured.frames >= framesMin,
            let mean = measured.secondsPerFrame
        else { return FrameLimit(general) }
        return FrameLimit(
            max(floor, .seconds(mean) * factor), opening: general, learnt: measured)
    }

    /// Of a leased task: by frames on its worker's type of instance.
    package func limit(for task: RenderTask, of job: Job) -> FrameLimit {
        guard case .leased(let lease) = task.state else { return FrameLimit(general) }
        return limit(
            after: job.tally.byType[lease.pool.instanceType],
            hasTimedOut: task.failures.contains { $0.errorClass == .timeout })
    }
}
