/// What a worker decided on slices in one attempt, and what came of it.
package struct SlicingReport: Hashable, Sendable {
    package var decision: SliceDecision
    /// Rendered and stored in this attempt.
    package var sliceCount: Int
    package var sampleCount: Int
    /// All samples of one frame; 0 when the scene was not opened for slices.
    package var frameSamples: Int
    /// From the end of each slice's samples until it was stored.
    package var storeMilliseconds: Int64
    /// From the first download of another's slice until the frame was whole.
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
