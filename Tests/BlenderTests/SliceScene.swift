import Farm
import FoundationEssentials
import Subprocess
import Synchronization
import Testing

@testable import Blender

/// A small scene for slices, made by Blender for one test.
struct SliceScene {
    /// The largest difference between slices and one render, in linear light.
    static let tolerance: Float = 1e-5
    static let samples = 64

    let directory: String
    private let format: ImageFormat
    private let renderer: Engine
    private let engine = BlenderEngine(.tried)

    static func hasDenoiser() async throws -> Bool {
        let ask = "import _cycles; print('DENOISER', _cycles.with_openimagedenoise)"
        let result = try await Subprocess.run(
            .program(BlenderProgram.tried.name),
            arguments: ["--background", "--python-expr", ask],
            output: .string(limit: 1 << 20))
        return result.standardOutput.contains("DENOISER True")
    }

    private var path: String { "\(directory)/scene.blend" }

    /// - Parameter change: Python, run before the scene is saved.
    init(
        in directory: String, format: ImageFormat = .openEXR, renderer: Engine = .cycles,
        _ change: String = ""
    ) async throws {
        self.directory = directory
        self.format = format
        self.renderer = renderer
        let result = try await Subprocess.run(
            .program(BlenderProgram.tried.name),
            arguments: [
                "--background", "--factory-startup", "--python",
                fixture("make_slice_scene.py"), "--", path, change,
            ], output: .string(limit: 1 << 20), error: .combinedWithOutput)
        let isThere = FileManager.default.fileExists(atPath: path)
        try #require(isThere, "\(result.standardOutput)")
    }

    func settings(_ frames: String = "1-1") throws -> RenderSettings {
        RenderSettings(
            scene: "Scene", frames: try FrameRange(parsing: frames), engine: renderer,
            resolution: Resolution(width: 64, height: 36), format: format)
    }

    func request(
        isForced: Bool = false, within limit: Duration = .seconds(120)
    ) throws -> SliceRequest {
        let directory = try makeDirectory("slices")
        return SliceRequest(
            scene: path, settings: try settings(), frame: 1, isForced: isForced,
            directory: directory, log: "\(directory)/log", sliceDurationMax: limit)
    }

    private func makeDirectory(_ name: String) throws -> String {
        let path = "\(directory)/\(name)-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        return path
    }

    /// Path of the picture that one render of all samples makes.
    func whole() async throws -> String {
        try #require(try await render("1-1").first).path
    }

    func render(_ frames: String) async throws -> [RenderedFrame] {
        let shelf = Shelf()
        let directory = try makeDirectory("whole")
        let request = RenderRequest(
            scene: path, settings: try settings(), frames: try FrameRange(parsing: frames),
            directory: directory, log: "\(directory)/log", frameLimit: FrameLimit(.seconds(120)))
        try await engine.render(request) { shelf.put($0) }
        return shelf.contents
    }

    func slices(_ counts: [Int], isForced: Bool = false) async throws -> SliceShelf {
        let shelf = SliceShelf(counts)
        let request = try request(isForced: isForced)
        try await engine.renderSlices(
            request, next: { shelf.next($0) }, store: { shelf.put($0) })
        return shelf
    }

    func merge(_ parts: [MergeRequest.Part]) async throws -> RenderedFrame {
        let directory = try makeDirectory("merged")
        return try await engine.merge(
            MergeRequest(
                scene: path, settings: try settings(), frame: 1, slices: parts,
                directory: directory, log: "\(directory)/log", durationMax: .seconds(120)))
    }

    func merged(_ counts: [Int], isForced: Bool = false) async throws -> String {
        try await merge(slices(counts, isForced: isForced).parts).path
    }

    /// The reason why the scene can't be sliced, if there is one.
    func objection(isForced: Bool = false) async throws -> String? {
        do {
            _ = try await slices([], isForced: isForced)
            return nil
        } catch SliceError.unsliceable(let reason) {
            return reason
        }
    }
}

/// Asks for slices with these numbers of samples, and keeps them.
final class SliceShelf: Sendable {
    private struct State {
        var measurements: [SliceMeasurement] = []
        var slices: [RenderedSlice] = []
    }

    private let counts: [Int]
    private let state = Mutex(State())

    init(_ counts: [Int]) {
        self.counts = counts
    }

    var measurements: [SliceMeasurement] { state.withLock { $0.measurements } }
    var slices: [RenderedSlice] { state.withLock { $0.slices } }
    var parts: [MergeRequest.Part] {
        slices.map { MergeRequest.Part(range: $0.range, path: $0.path) }
    }

    func next(_ measured: SliceMeasurement) -> SampleRange? {
        state.withLock { $0.measurements.append(measured) }
        let number = measured.slices.count
        guard number < counts.count else { return nil }
        return SampleRange(start: counts[..<number].reduce(0, +), count: counts[number])
    }

    func put(_ slice: RenderedSlice) {
        state.withLock { $0.slices.append(slice) }
    }
}

/// The largest difference of any channel of any pixel. NaN differs from every number.
func difference(_ left: String, _ right: String) throws -> Float {
    let (ours, theirs) = (try floats(left), try floats(right))
    try #require(ours.channels == theirs.channels)
    try #require(ours.values.count == theirs.values.count)
    return zip(ours.values, theirs.values).reduce(0) { (worst, pair) in
        let difference = abs(pair.0 - pair.1)
        return difference.isNaN ? .infinity : max(worst, difference)
    }
}

private func floats(_ path: String) throws -> (channels: [String], values: [Float]) {
    let file = try PictureFile(path: path)
    let layout = try FloatEXR(file)
    var values: [Float] = []
    try layout.readRows(0..<layout.size.height, of: file) { (_, bytes) in
        for place in stride(from: 0, to: bytes.count, by: 4) {
            values.append(Float(bitPattern: UInt32(bytes.littleEndian32(at: place))))
        }
    }
    return (layout.channels, values)
}
