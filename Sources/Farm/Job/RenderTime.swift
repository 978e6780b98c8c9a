/// Time in Blender for some frames.
package struct RenderTime: Hashable, Sendable {
    package var frames: Int
    package var milliseconds: Int64

    package init(frames: Int, milliseconds: Int64) {
        self.frames = frames
        self.milliseconds = milliseconds
    }

    package var secondsPerFrame: Double? {
        frames > 0 ? Double(milliseconds) / 1000 / Double(frames) : nil
    }

    package static func + (left: RenderTime, right: RenderTime) -> RenderTime {
        RenderTime(
            frames: left.frames + right.frames,
            milliseconds: left.milliseconds + right.milliseconds)
    }
}
