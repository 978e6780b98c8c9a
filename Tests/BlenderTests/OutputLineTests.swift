import Farm
import Testing

@testable import Blender

@Suite struct `A line of Blender's output` {
    private let key = MessageKey("KEY")

    @Test(arguments: [
        ("Saved: '/tmp/a/frame_0001.png'", "/tmp/a/frame_0001.png"),
        ("Saved: '/tmp/it's/frame_0001.png'", "/tmp/it's/frame_0001.png"),
        ("00:04.230  render           | Saved: '/tmp/f_0001.png'", "/tmp/f_0001.png"),
    ])
    func `names the file that was saved`(_ line: String, _ path: String) {
        #expect(OutputLine(line, key: key) == .saved(path: path))
    }

    @Test(arguments: [
        (
            "Fra:-4 Mem:9.99M (Peak 10.83M) | Time:00:00.03 | Remaining:00:00.00 | "
                + "Mem:0.84M, Peak:0.84M | Scene, ViewLayer | Sample 1/2",
            BlenderProgress(frame: -4, samples: 1, samplesMax: 2)
        ),
        (
            "Fra:12 Mem:8.89M (Peak 10.83M) | Time:00:00.00 | Scene, ViewLayer | Initializing",
            BlenderProgress(frame: 12)
        ),
        (
            "Fra:3 Mem:1.00M | Time:00:01.00 | Rendered 0/1 Tiles, Sample 16/128",
            BlenderProgress(frame: 3, samples: 16, samplesMax: 128)
        ),
        (
            "00:04.230  render           | Fra: 1 | Remaining: 00:02.1 | Sample 1/128",
            BlenderProgress(frame: 1, samples: 1, samplesMax: 128)
        ),
        (
            "Fra:1 Mem:41.37M (Peak 41.37M) | Time:03:06.67 | Rendering 1 / 16 samples",
            BlenderProgress(frame: 1, samples: 1, samplesMax: 16)
        ),
    ])
    func `has a frame's progress`(_ line: String, _ progress: BlenderProgress) {
        #expect(OutputLine(line, key: key) == .progress(progress))
    }

    /// Lines of 3.4.1, of 4.5.15 with two view layers, and of EEVEE.
    @Test(arguments: [
        (
            "Time:00:00.00 | Mem:0.00M, Peak:0.00M | Scene, A | Synchronizing object | Bead",
            BlenderProgress.Stage.synchronizing
        ),
        ("Time:00:00.00 | Mem:0.00M, Peak:0.00M | Scene, A | Initializing", nil),
        (
            "Time:00:00.09 | Mem:0.05M, Peak:0.05M | Scene, A | Updating Mesh | Copying Mesh",
            .synchronizing
        ),
        ("Time:00:00.09 | Mem:0.82M, Peak:0.82M | Scene, A | Sample 0/16", .sampling),
        (
            "Time:00:00.33 | Remaining:00:03.59 | Mem:1.72M, Peak:1.72M | Scene, A | Sample 1/16",
            .sampling
        ),
        ("Time:00:03.21 | Mem:1.72M, Peak:1.72M | Scene, A | Sample 16/16", .finishing),
        ("Time:00:03.21 | Mem:1.72M, Peak:1.72M | Scene, A | Finished", nil),
        (
            "Time:00:03.21 | Mem:0.00M, Peak:0.00M | Scene, B | Synchronizing object | Bead",
            .synchronizing
        ),
        ("Time:00:00.25 | Compositing", nil),
        ("Time:03:06.67 | Rendering 1 / 16 samples", .sampling),
    ])
    func `has the engine's stage`(_ rest: String, _ stage: BlenderProgress.Stage?) {
        guard
            case .progress(let progress) = OutputLine(
                "Fra:1 Mem:9.55M (Peak 10.83M) | \(rest)", key: key)
        else {
            Issue.record("It is no progress.")
            return
        }
        #expect(progress.stage == stage)
    }

    @Test(arguments: [
        ("SPOTRENDER KEY opened 3.4.1", RenderNote.opened(version: "3.4.1")),
        ("SPOTRENDER KEY cropped ", .cropped),
        ("SPOTRENDER KEY device OPTIX: L4", .device("OPTIX: L4")),
        ("SPOTRENDER KEY refused the file has no scene", .refused("the file has no scene")),
        ("SPOTRENDER KEY samples 16777216", .samples(16_777_216)),
        ("SPOTRENDER KEY sliced 3 4", .sliced(SampleRange(start: 3, count: 4))),
        ("SPOTRENDER KEY error Error: Cannot render", .renderError("Error: Cannot render")),
    ])
    func `has a message of our program inside Blender`(_ line: String, _ note: RenderNote) {
        #expect(OutputLine(line, key: key) == .note(note))
    }

    @Test(arguments: ["", "  \r", "Blender quit", " Time: 00:00.21 (Saving: 00:00.18)"])
    func `may be blank`(_ line: String) {
        #expect(OutputLine(line, key: key) == .blank)
    }

    @Test(arguments: [
        "Saved: ''", "Saved: '", "Saved: 'a", "Fra:", "Fra:x | Sample 1/2", "SPOTRENDER",
        "SPOTRENDER KEY dance", "Not Saved: 'a'", "Error: Cannot read file 'a': No such file",
    ])
    func `is text in all other cases`(_ line: String) {
        #expect(OutputLine(line, key: key) == .text(line))
    }

    /// A scene can print any line, and can't know the key.
    @Test(arguments: [
        "SPOTRENDER samples 9223372036854775807", "SPOTRENDER rendered", "SPOTRENDER opened 3.4.1",
        "SPOTRENDER refused the file has no scene", "SPOTRENDER KE samples 1",
        "SPOTRENDER KEY\u{301} samples 1", "SPOTRENDER  KEY samples 1",
        "x SPOTRENDER KEY samples 1",
    ])
    func `is no message without the key of its process`(_ line: String) {
        #expect(OutputLine(line, key: key) == .text(line))
    }

    /// Sums and products of accepted numbers must not overflow.
    @Test(arguments: [
        "SPOTRENDER KEY samples 9223372036854775807", "SPOTRENDER KEY samples 16777217",
        "SPOTRENDER KEY samples 0", "SPOTRENDER KEY sliced 9223372036854775807 1",
        "SPOTRENDER KEY sliced 0 16777217", "SPOTRENDER KEY sliced -1 4",
        "SPOTRENDER KEY shrunk 1048575 blank", "Fra:1048575 | Sample 1/2",
    ])
    func `with a number beyond its bound is text`(_ line: String) {
        #expect(OutputLine(line, key: key) == .text(line))
    }

    @Test func `with samples beyond their bound has progress without samples`() {
        let line = "Fra:1 | Sample 9223372036854775806/9223372036854775807"
        #expect(OutputLine(line, key: key) == .progress(BlenderProgress(frame: 1)))
    }

    /// Mutations of real lines. Each line is read without a trap, a saved path is a part of the
    /// line, and counts stay in order.
    @Test(arguments: 1...8) func `can be anything`(_ seed: UInt64) {
        var random = SplitMix64(state: seed)
        let alphabet = Array("Fra:Saved' |/Sample 0123456789-\u{0}\u{FFFD}é\u{1F600}")
        for _ in 0..<4000 {
            var line = Array(Self.corpus.randomElement(using: &random) ?? "")
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                let place = Int.random(in: 0...line.count, using: &random)
                if Bool.random(using: &random), place < line.count {
                    line.remove(at: place)
                } else if let new = alphabet.randomElement(using: &random) {
                    line.insert(new, at: place)
                }
            }
            let text = String(line)
            switch OutputLine(text, key: key) {
            case .saved(let path): #expect(text.contains("'\(path)'"))
            case .progress(let progress):
                if let done = progress.samples, let all = progress.samplesMax {
                    #expect(done >= 0 && done <= all)
                }
            case .note, .text, .blank: break
            }
        }
    }

    private static let corpus = [
        "Saved: '/tmp/a/frame_0001.png'",
        "00:04.230  render           | Saved: '/tmp/f_0001.png'",
        "00:04.230  render           | Fra: 1 | Remaining: 00:02.1 | Sample 1/128",
        "Fra:7 Mem:9.99M (Peak 10.83M) | Time:00:00.03 | Scene, ViewLayer | Sample 1/2",
        "SPOTRENDER KEY refused the file has no scene", "SPOTRENDER KEY sliced 3 4",
        "SPOTRENDER KEY samples 64", "SPOTRENDER KEY shrunk 7 blank",
        "Fra:99999999999999999999 | Sample 99999999999999999999/1",
    ]
}

@Suite struct `Bytes from a pipe` {
    @Test(arguments: 1...7) func `make the same lines in pieces of any size`(_ size: Int) {
        let bytes = Array("one\ntwo\r\n\nfünf\nrest".utf8)
        var splitter = LineSplitter()
        var lines: [String] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            lines += splitter.append(Array(bytes[start..<min(start + size, bytes.count)]))
        }
        #expect(lines == ["one", "two", "", "", "fünf"])
        #expect(splitter.finish() == "rest")
        #expect(splitter.finish() == nil)
    }

    @Test func `make no line longer than the bound`() {
        var splitter = LineSplitter()
        let lines = splitter.append(Array(repeating: UInt8(ascii: "x"), count: 100_000) + [10])
        #expect(lines.map(\.utf8.count) == [LineSplitter.lengthMax])
    }
}

@Suite struct `Blender's version` {
    @Test(arguments: [
        ("Blender 3.4.1\n\tbuild date: 2023", BlenderVersion(major: 3, minor: 4, patch: 1)),
        ("AL lib: warning\nBlender 4.2.0 LTS", BlenderVersion(major: 4, minor: 2, patch: 0)),
        ("Blender 2.79 (sub 0)", BlenderVersion(major: 2, minor: 79, patch: 0)),
    ])
    func `is read from what it prints`(_ output: String, _ version: BlenderVersion) {
        #expect(BlenderVersion(parsing: output) == version)
    }

    @Test(arguments: ["", "Blender", "Blender quit", "blunder 3.4.1"])
    func `is not guessed`(_ output: String) {
        #expect(BlenderVersion(parsing: output) == nil)
    }
}

/// Steele, Lea and Flood's SplitMix64: the same numbers for the same seed everywhere.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
