/// What a frame, a slice or an attempt used of its machine.
package struct MachineUse: Hashable, Sendable {
    /// The device on which Cycles rendered, and why it was no graphics processor although the
    /// machine seems to have one; `nil` for other engines.
    package var device: String?
    /// The peak of Blender's memory in bytes, as the kernel counts it (VmHWM, proc(5)); `nil` when
    /// unknown.
    ///
    /// Counted since the start of Blender, which may have been for an earlier task of the same
    /// scene. Blender's own figure is the peak of one of its allocators: 10 MB of 200, and none
    /// from 5.0 on.
    package var memoryPeak: Int64?
    /// The part of the time in Blender from the start of the frame, or the opening of the scene, to
    /// the first sample: Blender evaluates the frame, Cycles builds its scene and BVH, EEVEE its
    /// shaders.
    package var synchronizing: Duration
    /// The part of the time in Blender from the last sample to the finished file: compositor and
    /// saving. Cycles denoises before it reports its last sample (4.5.15).
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

    /// Adds the use of what followed on the same machine.
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
    /// The devices on which Cycles rendered, each once.
    package var devices: [String] { Set(compactMap { $0.report?.use.device }).sorted() }

    /// The highest peak.
    package var memoryPeak: Int64? { compactMap { $0.report?.use.memoryPeak }.max() }
}
