/// How far a worker is with one frame, as Blender last said.
package struct FrameProgress: Hashable, Sendable, CustomStringConvertible {
    package let frame: Int
    /// Of what Blender renders now: of a slice where a frame is rendered in slices. `nil` outside
    /// Cycles, and before the first sample.
    package let samples: Int?
    package let samplesMax: Int?

    package init(frame: Int, samples: Int? = nil, samplesMax: Int? = nil) {
        self.frame = frame
        self.samples = samples
        self.samplesMax = samplesMax
    }

    package var description: String {
        guard let samples, let samplesMax else { return "frame \(frame)" }
        return "frame \(frame), sample \(samples) of \(samplesMax)"
    }
}
