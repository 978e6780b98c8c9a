/// Bounds of a `BlenderEngine`, each with its reason.
package struct EngineLimits: Hashable, Sendable {
    /// Between SIGTERM and SIGKILL. Blender ends at once on SIGTERM unless it hangs.
    package var grace: Duration = .seconds(3)
    /// Frames that are saved and not stored yet. Their pictures fill the disk, so Blender has
    /// to wait when there are more.
    package var waitingFramesMax = 32
    /// A disk with less room than this counts as full: a failed write may leave a few blocks.
    package var freeByteCountMin: Int64 = 64 << 10

    package init() {}
}
