import Farm

/// What a session reports to its request.
enum BlenderEvent: Sendable {
    /// Blender reports a frame as saved.
    case saved(FinishedFrame)
    /// Blender has done a step.
    case step(BlenderStep)
    /// No more frames follow: Blender said so, or has ended.
    case over(BlenderTranscript)
}

/// A step of a program that waits for a line after some of its steps.
struct BlenderStep: Sendable {
    let note: RenderNote
    let measure: FrameWatch.Measure
    let isCropped: Bool
}
