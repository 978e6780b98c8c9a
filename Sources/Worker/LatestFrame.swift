package import Farm
internal import Synchronization

/// The newest progress of Blender's frame. The engine records every sample here, and the heartbeat
/// reads it once per report.
package final class LatestFrame: Sendable {
    private let progress = Mutex<FrameProgress?>(nil)

    package init() {}

    package var value: FrameProgress? { progress.withLock { $0 } }

    package func record(_ frame: FrameProgress?) {
        progress.withLock { $0 = frame }
    }
}
