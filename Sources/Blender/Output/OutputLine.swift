package import Farm

/// One line of Blender's output.
///
///     up to 4.5   Fra:7 Mem:9.9M (Peak 9.9M) | Time:00:00.03 | … | Sample 1/128
///                 Saved: '/tmp/frame_0007.png'
///     5.x         00:04.230  render           | Fra: 7 | Remaining: 00:01 | Sample 1/128
///                 00:04.230  render           | Saved: '/tmp/frame_0007.png'
///     ours        SPOTRENDER <key> refused the scene has no camera
///
/// Blender's own line is a hint and never proof: scenes can print any line, and Blender prints
/// `Saved` for a file that it left empty on a full disk. Only the files are proof. Messages of our
/// own program have a key that no scene knows: see `MessageKey`. Numbers have bounds everywhere.
package enum OutputLine: Hashable, Sendable {
    /// Blender reports a file as written.
    case saved(path: String)
    /// Blender works on a frame.
    case progress(BlenderProgress)
    /// A message of our own program inside Blender.
    case note(RenderNote)
    /// Any other text. Messages of failures quote it.
    case text(String)
    case blank

    init(_ line: String, key: MessageKey) {
        let body = line.trimmingBlanks
        if body.isEmpty || body == "Blender quit" {
            self = .blank
        } else if let note = RenderNote(body, key: key) {
            self = .note(note)
        } else if let path = Self.savedPath(in: body) {
            self = .saved(path: path)
        } else if let progress = BlenderProgress(body) {
            self = .progress(progress)
        } else if body.hasPrefix("Time: "), body.contains("(Saving: ") {
            self = .blank
        } else {
            self = .text(body)
        }
    }

    /// The path between the first and the last quotation mark. It may contain one.
    private static func savedPath(in line: String) -> String? {
        let mark = "Saved: '"
        guard line.hasSuffix("'") else { return nil }
        let start: String.Index
        if line.hasPrefix(mark) {
            start = line.index(line.startIndex, offsetBy: mark.count)
        } else if let found = line.firstRange(of: "| \(mark)") {
            start = found.upperBound
        } else {
            return nil
        }
        let end = line.index(before: line.endIndex)
        guard start < end else { return nil }
        return String(line[start..<end])
    }
}

/// The progress of a frame, as Blender last reported it.
package struct BlenderProgress: Hashable, Sendable, CustomStringConvertible {
    /// The engine's stage. Each view layer of a frame passes through all stages.
    enum Stage: Hashable, Sendable {
        case synchronizing
        case sampling
        case finishing
    }

    package let frame: Int
    /// Samples done, and all samples. `nil` before the first sample and outside Cycles.
    package let samples: Int?
    package let samplesMax: Int?
    /// `nil`: the stage has not changed.
    let stage: Stage?

    package init(frame: Int, samples: Int? = nil, samplesMax: Int? = nil) {
        self.init(frame, samples, samplesMax, isSynchronizing: false)
    }

    private init(_ frame: Int, _ samples: Int?, _ samplesMax: Int?, isSynchronizing: Bool) {
        self.frame = frame
        self.samples = samples
        self.samplesMax = samplesMax
        stage =
            samples != nil
            ? (samples == samplesMax ? .finishing : .sampling)
            : (isSynchronizing ? .synchronizing : nil)
    }

    init?(_ line: String) {
        let parts = line.split(separator: "|").map { String($0).trimmingBlanks }
        guard let head = parts.first(where: { $0.hasPrefix("Fra:") }) else { return nil }
        let digits = String(head.dropFirst(4)).trimmingBlanks.prefix { !$0.isWhitespace }
        guard let frame = Int(digits), OutputBounds.frames.contains(frame) else { return nil }
        let counts = parts.last.flatMap(Self.sampleCounts)
        self.init(
            frame, counts?.0, counts?.1,
            isSynchronizing: parts.contains {
                $0.hasPrefix("Synchronizing ") || $0.hasPrefix("Updating ")
            })
    }

    /// `Sample 12/64`, alone or at the end of `Rendered 0/1 Tiles, Sample 12/64`. EEVEE prints
    /// `Rendering 12 / 64 samples`.
    private static func sampleCounts(in part: String) -> (Int, Int)? {
        guard let mark = part.firstRange(of: "Sample ") ?? part.firstRange(of: "Rendering ") else {
            return nil
        }
        let halves = part[mark.upperBound...].split(separator: "/", maxSplits: 1)
            .map { String($0).trimmingBlanks }
        guard halves.count == 2, let done = Int(halves[0]),
            let all = Int(halves[1].prefix { $0.isNumber }), done >= 0, all >= done,
            all <= OutputBounds.samplesMax
        else { return nil }
        return (done, all)
    }

    package var description: String {
        guard let samples, let samplesMax else { return "in frame \(frame)" }
        return "in frame \(frame), sample \(samples) of \(samplesMax)"
    }
}

/// A message of our own program inside Blender: see `RenderProgram`.
package enum RenderNote: Hashable, Sendable {
    /// This Blender opened the file.
    case opened(version: String)
    /// The scene crops its pictures to a border, so their size differs from the resolution.
    case cropped
    /// The device that Cycles renders on.
    case device(String)
    /// The scene can't be rendered as asked. The text says why and what to do.
    case refused(String)
    /// Blender's render operator ended with this error.
    case renderError(String)
    /// The program has rendered its frames and waits for the next line.
    case rendered
    /// The scene can be sliced. It has this many samples.
    case samples(Int)
    /// The scene can't be sliced, for this reason.
    case unsliceable(String)
    /// A slice is rendered.
    case sliced(SampleRange)
    /// A step of an assembly.
    case assembly(AssemblyNote)

    init?(_ line: String, key: MessageKey) {
        guard line.utf8.starts(with: key.mark.utf8) else { return nil }
        let words = line.utf8.dropFirst(key.mark.utf8.count).split(separator: 32, maxSplits: 1)
            .map { Substring($0) }
        let rest = words.count == 2 ? String(words[1]) : ""
        switch words.first {
        case "opened": self = .opened(version: rest)
        case "cropped": self = .cropped
        case "device": self = .device(rest)
        case "refused": self = .refused(rest)
        case "error": self = .renderError(rest)
        case "rendered": self = .rendered
        case "unsliceable": self = .unsliceable(rest)
        case "samples":
            guard let count = Int(rest), (1...OutputBounds.samplesMax).contains(count) else {
                return nil
            }
            self = .samples(count)
        case "sliced":
            let numbers = rest.split(separator: " ").map { Int($0) }
            guard numbers.count == 2, let start = numbers[0], let count = numbers[1],
                (0...OutputBounds.samplesMax).contains(start),
                (1...OutputBounds.samplesMax).contains(count)
            else { return nil }
            self = .sliced(SampleRange(start: start, count: count))
        case let word?:
            guard let note = AssemblyNote(word, rest) else { return nil }
            self = .assembly(note)
        case nil: return nil
        }
    }
}

/// Bounds of the numbers in Blender's output. Sums of numbers within them can't overflow.
enum OutputBounds {
    /// Blender's own limits of a frame number: MINAFRAME and MAXFRAME.
    static let frames = -1_048_574...1_048_574
    /// Cycles' own limit of a scene's samples: 2²⁴.
    static let samplesMax = 1 << 24
}

extension String {
    var trimmingBlanks: String {
        var slice = self[...]
        while slice.first?.isWhitespace == true { slice.removeFirst() }
        while slice.last?.isWhitespace == true { slice.removeLast() }
        return String(slice)
    }
}
