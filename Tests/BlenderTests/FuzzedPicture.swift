import Farm
import FoundationEssentials

@testable import Blender

/// The properties that the checks of pictures have for all bytes, for mutations, the corpus and
/// `Tests/fuzz`.
enum FuzzedPicture {
    /// The error in the checks' results. `nil` when each check accepts or refuses the file, and
    /// keeps to the size that was asked for.
    ///
    /// - Parameter path: Where the file is written.
    static func complaint(_ bytes: [UInt8], at path: String) throws -> String? {
        try Data(bytes).write(to: URL(filePath: path))
        for format in ImageFormat.allCases {
            if let complaint = complaint(bytes.count, format, path) {
                return "\(format): \(complaint)"
            }
        }
        do {
            let slice = try FloatEXR(PictureFile(path: path))
            guard slice.rowFloatCount * slice.size.height * 4 <= bytes.count else {
                return "a slice with more pixels than the file has"
            }
            try slice.readRows(0..<slice.size.height, of: PictureFile(path: path)) { _, _ in }
        } catch {
            guard !error.description.isEmpty else { return "a fault without words" }
        }
        return nil
    }

    private static func complaint(
        _ count: Int, _ format: ImageFormat, _ path: String
    ) -> String? {
        do {
            let finding = try PictureCheck(format: format, size: nil).check(path)
            guard finding.byteCount == Int64(count) else { return "another byte count" }
            guard let size = finding.size else { return nil }
            let larger = PixelSize(width: size.width + 1, height: size.height)
            guard throwsSize(PictureCheck(format: format, size: larger), path) else {
                return "another size than asked for"
            }
            guard size.width > 1 else { return nil }
            let smaller = PixelSize(width: size.width - 1, height: size.height)
            guard throwsSize(PictureCheck(format: format, size: nil, sizeMax: smaller), path) else {
                return "a larger size than asked for"
            }
            return nil
        } catch {
            return error.description.isEmpty ? "a fault without words" : nil
        }
    }

    private static func throwsSize(_ check: PictureCheck, _ path: String) -> Bool {
        do {
            try check.check(path)
        } catch {
            if case .size = error { return true }
        }
        return false
    }
}

/// The properties that the reader of Blender's output has for all bytes.
enum FuzzedOutput {
    static let key = MessageKey("KEY")

    static func complaint(_ bytes: [UInt8]) -> String? {
        var whole = LineSplitter()
        var lines = whole.append(bytes)
        lines += whole.finish().map { [$0] } ?? []
        var pieces = LineSplitter()
        var same: [String] = []
        for byte in bytes { same += pieces.append([byte]) }
        same += pieces.finish().map { [$0] } ?? []
        guard lines == same else { return "other lines when bytes come one by one" }
        return lines.lazy.compactMap(complaint).first
    }

    private static func complaint(_ line: String) -> String? {
        guard line.utf8.count <= 3 * LineSplitter.lengthMax else { return "a long line" }
        switch OutputLine(line, key: key) {
        case .progress(let progress):
            let (done, all) = (progress.samples ?? 0, progress.samplesMax ?? 0)
            guard (0...all).contains(done), all <= OutputBounds.samplesMax,
                OutputBounds.frames.contains(progress.frame)
            else { return "progress beyond the bounds: \(progress)" }
        case .note(let note):
            guard line.trimmingBlanks.utf8.starts(with: key.mark.utf8) else {
                return "a message without the key"
            }
            return complaint(note)
        case .saved(let path):
            guard !path.isEmpty else { return "an empty path" }
        case .text, .blank: break
        }
        return nil
    }

    private static func complaint(_ note: RenderNote) -> String? {
        let samples = 0...OutputBounds.samplesMax
        switch note {
        case .samples(let count) where !samples.contains(count): return "too many samples"
        case .sliced(let range)
        where !samples.contains(range.start) || !samples.contains(range.count):
            return "a slice beyond the bounds"
        case .assembly(.shrunk(let frame, _)) where !OutputBounds.frames.contains(frame):
            return "a frame beyond the bounds"
        default: return nil
        }
    }
}
