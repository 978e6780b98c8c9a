/// A worker's decision about slices in one attempt, and its result.
package struct SlicingReport: Hashable, Sendable {
    /// With the figures behind the decision, or Blender's reason when the scene can't be sliced.
    package var decision: SliceDecision
    /// Slices that this attempt rendered and stored.
    package var sliceCount: Int
    package var sampleCount: Int
    /// Samples of one frame; 0 when the scene was not opened for slices.
    package var frameSamples: Int
    /// From the end of each slice's render until it was stored.
    package var storeMilliseconds: Int64
    /// From the first download of another worker's slice until the frame was merged.
    package var mergeMilliseconds: Int64

    package init(
        decision: SliceDecision, sliceCount: Int = 0, sampleCount: Int = 0, frameSamples: Int = 0,
        storeMilliseconds: Int64 = 0, mergeMilliseconds: Int64 = 0
    ) {
        self.decision = decision
        self.sliceCount = sliceCount
        self.sampleCount = sampleCount
        self.frameSamples = frameSamples
        self.storeMilliseconds = storeMilliseconds
        self.mergeMilliseconds = mergeMilliseconds
    }
}
