/// The uploader's settings for slices.
package struct SliceTerms: Hashable, Sendable {
    /// How many workers share each frame's samples, if that saves time.
    package var shares: Int
    /// Uses slices even when the policy would not. Turns off adaptive sampling, which starts over
    /// in each slice.
    package var isForced: Bool

    package init(shares: Int = 1, isForced: Bool = false) {
        precondition(
            Self.sharesBounds.contains(shares), "A frame has 1 to 64 shares.")
        self.shares = shares
        self.isForced = isForced
    }

    /// Beyond some dozen workers, opening the scene takes the time that another worker saves.
    package static let sharesBounds = 1...64
}
