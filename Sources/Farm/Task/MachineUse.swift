/// What rendering asked of its machine: a frame, a slice of one, or all of an attempt.
package struct MachineUse: Hashable, Sendable {
    /// What Cycles rendered on, and why on no graphics processor where the machine seems to have one;
    /// `nil` for other engines.
    package var device: String?
    /// Bytes of the machine's memory that Blender had at most, as the kernel counts (VmHWM, proc(5));
    /// `nil` where that was not told.
    ///
    /// Since Blender was started, which may have been for an earlier task of the same scene. The peak that
    /// it prints itself is that of one of its allocators: 10 MB of 200, and from 5.0 on nothing.
    package var memoryPeak: Int64?
    /// Of the time in Blender, from the frame's beginning, or from the scene's opening, until its first
    /// sample: the frame is evaluated, Cycles makes its own copy of the scene and the BVH, EEVEE its shaders.
    package var synchronizing: Duration
    /// Of the time in Blender, from the last sample until the file was there: compositor, saving. Cycles
    /// denoises before it tells of its last sample (4.5.15).
    package var finishing: Duration

    package init(
        device: String? = nil, memoryPeak: Int64? = nil, synchronizing: Duration = .zero,
        finishing: Duration = .zero
    ) {
        self.device = device
        self.memoryPeak = memoryPeak
        self.synchronizing = synchronizing
        self.finishing = finishing
    }

    /// What came next on the same machine.
    package static func += (sum: inout MachineUse, next: MachineUse) {
        sum.device = sum.device ?? next.device
        sum.memoryPeak = [sum.memoryPeak, next.memoryPeak].compactMap(\.self).max()
        sum.synchronizing += next.synchronizing
        sum.finishing += next.finishing
    }

    /// `231 MiB`, `5.2 GiB`.
    package static func words(bytes: Int64) -> String {
        let mebibytes = (bytes + (1 << 19)) >> 20
        guard mebibytes >= 1024 else { return "\(mebibytes) MiB" }
        let tenths = (mebibytes * 10 + 512) >> 10
        return "\(tenths / 10).\(tenths % 10) GiB"
    }
}

extension Sequence<Attempt> {
    /// What Cycles rendered on, each once.
    package var devices: [String] { Set(compactMap { $0.report?.use.device }).sorted() }

    /// The most of them all.
    package var memoryPeak: Int64? { compactMap { $0.report?.use.memoryPeak }.max() }
}
