import Farm
import SystemPackage

/// The mean of slices, weighted by their samples. It is one file with the same layers and passes.
///
/// Blender's `merge_images` can't be used: its weights are wrong for unequal slices. Sums have
/// double precision. The work goes through bands of rows, so neither memory nor the number of open
/// files grows with the picture or the slices.
struct SliceMean {
    let slices: [MergeRequest.Part]
    /// The frame's size. No slice is larger.
    let sizeMax: PixelSize

    /// Floats of the band in memory.
    private static let bandFloatsMax = 1 << 20

    /// When the calling task is canceled, this ends early and the file at `path` is incomplete.
    func write(to path: String) throws(RenderFailure) -> FloatEXR {
        do {
            let file = try FileDescriptor.open(
                FilePath(path), .writeOnly, options: [.create, .truncate, .closeOnExec],
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
            return try file.closeAfter { try write(to: file) }
        } catch let failure as RenderFailure {
            throw failure
        } catch {
            throw RenderFailure(.disk, "The mean of slices can't be written at \(path): \(error).")
        }
    }

    private func write(to file: FileDescriptor) throws -> FloatEXR {
        precondition(!slices.isEmpty, "A frame is made of at least one slice.")
        let layout = try inspect(slices[0]) { try copyHeader(of: $0, $1, to: file) }
        let bandHeight = max(1, Self.bandFloatsMax / layout.rowFloatCount)
        for top in stride(from: 0, to: layout.size.height, by: bandHeight)
        where !Task.isCancelled {
            let rows = top..<min(top + bandHeight, layout.size.height)
            var band = Band(layout, rowCount: rows.count)
            for slice in slices {
                let weights = weight(of: slice)
                try inspect(slice) { (source, other) in
                    guard other.channels == layout.channels, other.size == layout.size else {
                        throw PictureFault.damaged(
                            "its passes or size differ from the first slice's")
                    }
                    try other.readRows(rows, of: source) { band.add($1, at: $0, weights) }
                }
            }
            for row in rows {
                try file.writeAll(layout.blockHead(ofRow: row))
                try file.writeAll(band.row(row - top))
            }
        }
        return layout

        func copyHeader(
            of source: PictureFile, _ layout: FloatEXR, to file: FileDescriptor
        ) throws -> FloatEXR {
            try source.seek(to: 0, for: "the header")
            var header: [UInt8] = []
            try source.readPieces(layout.header.end, in: "the header") { header += $0 }
            try file.writeAll(header + layout.offsetTable)
            return layout
        }
    }

    /// The weights of a slice.
    private func weight(of slice: MergeRequest.Part) -> Weights {
        let samples = slices.reduce(0) { $0 + $1.range.count }
        return Weights(
            averaged: Double(slice.range.count) / Double(samples),
            first: slice.range.start == 0 ? 1 : 0)
    }

    private func inspect<Result>(
        _ slice: MergeRequest.Part, _ body: (PictureFile, FloatEXR) throws -> Result
    ) throws -> Result {
        do {
            let file = try PictureFile(path: slice.path)
            return try body(file, FloatEXR(file, sizeMax: sizeMax))
        } catch let fault as PictureFault {
            throw RenderFailure(
                .noPicture, "The \(slice.range) can't be merged: \(fault). Render it again.")
        }
    }

    private struct Weights {
        let averaged: Double
        let first: Double
    }

    /// Sums for some rows.
    private struct Band {
        private var sums: [Double]
        private let width: Int
        private let isFirst: [Bool]
        private let rowFloatCount: Int

        init(_ layout: FloatEXR, rowCount: Int) {
            sums = Array(repeating: 0, count: rowCount * layout.rowFloatCount)
            width = layout.size.width
            isFirst = layout.channels.map(SlicedPass.isOfFirstSample)
            rowFloatCount = layout.rowFloatCount
        }

        mutating func add(_ floats: [UInt8], at place: Int, _ weights: Weights) {
            unsafe floats.withUnsafeBytes { bytes in
                var index = 0
                let count = bytes.count / 4
                while index < count {
                    // Up to the end of this channel's floats in this row.
                    let column = (place + index) % rowFloatCount
                    let run = min(count - index, width - column % width)
                    let weight = isFirst[column / width] ? weights.first : weights.averaged
                    // Zero times infinity is not a number.
                    if weight > 0 {
                        for next in index..<(index + run) {
                            let word = unsafe bytes.loadUnaligned(
                                fromByteOffset: next * 4, as: UInt32.self)
                            let value = Float(bitPattern: UInt32(littleEndian: word))
                            sums[place + next] += Double(value) * weight
                        }
                    }
                    index += run
                }
            }
        }

        func row(_ number: Int) -> [UInt8] {
            sums[(number * rowFloatCount)..<((number + 1) * rowFloatCount)].flatMap { sum in
                let word = Float(sum).bitPattern
                return (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
            }
        }
    }
}
