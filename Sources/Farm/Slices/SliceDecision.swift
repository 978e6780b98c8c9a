/// Whether a frame is rendered whole or in slices, with the figures behind the choice. Its words
/// are in Presentation.
package enum SliceDecision: Hashable, Sendable {
    case whole(Reason)
    /// Without a plan the length of the slices is yet to be measured.
    case slices(SlicePolicy.Plan?, Spread)

    package enum Reason: Hashable, Sendable {
        /// Only Cycles renders slices of samples.
        case otherEngine
        /// Nothing is known of the time a frame takes.
        case unknownTime
        /// The frame finishes within a notice.
        case withinNotice(frame: Duration, slack: Duration)
        case slicesCostMore(SlicePolicy.Plan)
        /// The scene can't be sliced soundly: Blender's reason.
        case unsliceable(String)
    }

    /// Over how many workers a frame's samples are spread.
    package enum Spread: Hashable, Sendable {
        case none
        /// As the uploader asked, before anything was measured.
        case upTo(Int)
        /// As measured; opening the scene on more workers would not pay.
        case over(Int, of: Int)
        /// This task's share of the samples, one for each worker.
        case share(SampleShare)
    }
}
