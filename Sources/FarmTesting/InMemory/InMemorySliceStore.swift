package import Farm
import FoundationEssentials

/// Slices in memory, by key.
package actor InMemorySliceStore: SliceStore {
    private var slices: [FrameName: [SampleRange: [UInt8]]] = [:]
    private var shares: [FrameName: Int] = [:]
    /// How often each slice was stored. A slice that was rendered twice shows here.
    package private(set) var storeCounts: [SampleRange: Int] = [:]
    private let faults: Faults

    package init(faults: Faults = Faults()) {
        self.faults = faults
    }

    /// Frames that have stored slices or shares.
    package var frames: Set<FrameName> {
        Set(slices.filter { !$0.value.isEmpty }.keys).union(shares.keys)
    }

    package func store(
        _ range: SampleRange, of frame: FrameName, from path: String
    ) async throws(PortError) {
        try await faults.enter(.storeSlice)
        do {
            slices[frame, default: [:]][range] = [UInt8](try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw PortError(.disk, "store the \(range)", "\(path) can't be read: \(error)")
        }
        storeCounts[range, default: 0] += 1
    }

    package func ranges(of frame: FrameName) async throws(PortError) -> [SampleRange] {
        try await faults.enter(.listSlices)
        return Array(slices[frame, default: [:]].keys)
    }

    package func download(
        _ range: SampleRange, of frame: FrameName, to path: String
    ) async throws(PortError) {
        try await faults.enter(.readSlice)
        guard let bytes = slices[frame]?[range] else {
            throw PortError(.missing, "fetch the \(range)", "it is not there")
        }
        do {
            try Data(bytes).write(to: URL(filePath: path))
        } catch {
            throw PortError(.disk, "fetch the \(range)", "\(path) can't be written: \(error)")
        }
    }

    package func shares(of frame: FrameName) async throws(PortError) -> Int? {
        try await faults.enter(.readShares)
        return shares[frame]
    }

    package func agree(onShares count: Int, of frame: FrameName) async throws(PortError) -> Int {
        try await faults.enter(.agreeOnShares)
        let agreed = shares[frame] ?? count
        shares[frame] = agreed
        return agreed
    }

    /// All or nothing: a partial removal is like one that has not happened yet.
    package func removeAll(of frame: FrameName) async throws(PortError) {
        try await faults.enter(.removeSlices)
        slices[frame] = nil
        shares[frame] = nil
    }
}
