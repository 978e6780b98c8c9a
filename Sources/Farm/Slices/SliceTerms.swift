/// What the uploader wants of slices.
package struct SliceTerms: Hashable, Sendable {
    /// Workers over which each frame's samples are spread, if that gains time.
    package var shares: Int
    /// Slice where the policy would not, and without adaptive sampling, which starts over in each
    /// slice.
    package var isForced: Bool

    package init(shares: Int = 1, isForced: Bool = false) {
        precondition(
            Self.sharesBounds.contains(shares), "A frame has some shares, and not too many.")
        self.shares = shares
        self.isForced = isForced
    }

    /// Beyond some dozen workers the opening of the scene eats what another one gains.
    package static let sharesBounds = 1...64
}
