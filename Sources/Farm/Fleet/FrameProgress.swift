/// A worker's progress with one frame, from Blender's last report.
package struct FrameProgress: Hashable, Sendable, CustomStringConvertible {
    package let frame: Int
    /// Samples of the current frame, or of the current slice. `nil` outside Cycles and before the
    /// first sample.
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
