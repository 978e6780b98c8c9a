import Subprocess

/// How a Blender process ended, and what it printed before.
struct BlenderEnding: Hashable, Sendable {
    let status: TerminationStatus
    let seen: BlenderTranscript
    /// The worker ended it, since a frame took too long.
    let isTimeout: Bool
    /// It had served other requests before this one.
    let wasKept: Bool
    /// See `MachineUse.memoryPeak`.
    let memoryPeak: Int64?

    /// It died before this request reached it, as an idle process may when memory runs out.
    var isBeforehand: Bool { wasKept && !isTimeout && seen == seen.ofScene }
}
