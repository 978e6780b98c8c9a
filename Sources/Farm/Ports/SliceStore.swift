/// Where finished slices wait until they are a frame. A slice is there only when it is whole.
package protocol SliceStore: Sendable {
    /// Uploads a slice; an earlier upload of the same samples is replaced by an equal one.
    func store(
        _ range: SampleRange, of frame: FrameName, from path: String
    ) async throws(PortError)
    /// What was stored before the call and not removed, in no order.
    func ranges(of frame: FrameName) async throws(PortError) -> [SampleRange]
    /// The slice into a new file at `path`; `.missing` when it was removed meanwhile.
    func download(
        _ range: SampleRange, of frame: FrameName, to path: String
    ) async throws(PortError)
    /// Over how many workers the frame is spread, if that was agreed.
    func shares(of frame: FrameName) async throws(PortError) -> Int?
    /// Proposes a number of shares. The first proposal stays; the answer is what stays.
    func agree(onShares count: Int, of frame: FrameName) async throws(PortError) -> Int
    /// Removes everything that is kept of the frame here; nothing happens when there is none.
    func removeAll(of frame: FrameName) async throws(PortError)
}

/// A frame's slices, as they are named in the output bucket.
package enum SliceName {
    /// `slices/<job>/frame_0001/`
    package static func prefix(of frame: FrameName) -> String {
        let stem = frame.fileName.split(separator: ".")[0]
        return "slices/\(frame.job)/\(stem)/"
    }

    /// `slices/<job>/frame_0001/0000-0063.exr`: the first and the last sample, from 0.
    package static func key(_ range: SampleRange, of frame: FrameName) -> String {
        "\(prefix(of: frame))\(padded(range.start))-\(padded(range.end - 1)).exr"
    }

    /// `slices/<job>/frame_0001/shares`
    package static func sharesKey(of frame: FrameName) -> String {
        prefix(of: frame) + "shares"
    }

    /// `nil` for what is not a slice.
    package static func range(fileName: String) -> SampleRange? {
        guard fileName.hasSuffix(".exr") else { return nil }
        let ends = fileName.dropLast(4).split(separator: "-").map { Int($0) }
        guard ends.count == 2, let first = ends[0], let last = ends[1], first >= 0, last >= first
        else { return nil }
        return SampleRange(start: first, count: last - first + 1)
    }

    private static func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
