import Farm
import FoundationEssentials
import Glibc
import Subprocess
import Synchronization
import SystemPackage
import Testing

@testable import Blender

/// The path of a test fixture.
func fixture(_ name: String, file: String = #filePath) -> String {
    "\(file[..<(file.lastIndex(of: "/") ?? file.startIndex)])/Fixtures/\(name)"
}

/// A directory for one test.
func withDirectory<Result>(
    _ body: (String) async throws -> Result
) async throws -> Result {
    let path = "/tmp/blender-tests-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    do {
        let result = try await body(path)
        try FileManager.default.removeItem(atPath: path)
        return result
    } catch {
        try FileManager.default.removeItem(atPath: path)
        throw error
    }
}

func read(_ path: String) throws -> [UInt8] {
    let file = try FileDescriptor.open(FilePath(path), .readOnly)
    return try file.closeAfter {
        let count = Int(try file.seek(offset: 0, from: .end))
        try file.seek(offset: 0, from: .start)
        return unsafe try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = unsafe try file.read(into: UnsafeMutableRawBufferPointer(buffer))
        }
    }
}

func write(_ bytes: [UInt8], to path: String) throws {
    let file = try FileDescriptor.open(
        FilePath(path), .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite)
    _ = try file.closeAfter { try file.writeAll(bytes) }
}

/// Processes with `directory` in their environment, with the stand-in's children.
func processes(of directory: String) async throws -> String {
    let script = "grep -sl '\(directory)' /proc/[0-9]*/environ | grep -v self || true"
    return try await Subprocess.run(
        .name("sh"), arguments: ["-c", script], output: .string(limit: 4096)
    ).standardOutput
}

/// Waits up to five seconds for the end of killed processes.
func endOfProcesses(of directory: String) async throws {
    for _ in 0..<100 {
        if try await processes(of: directory).isEmpty { return }
        try await Task.sleep(for: .milliseconds(50))
    }
    Issue.record("Processes are left after five seconds: \(try await processes(of: directory))")
}

/// Cancels `work` after it has reported its start. Returns how it ended.
func canceled<Stop: Error>(
    _ work: @escaping @Sendable (AsyncStream<Void>.Continuation) async throws(Stop) -> Void
) async -> Stop? {
    let (begun, begin) = AsyncStream.makeStream(of: Void.self)
    return await withTaskGroup(of: Stop?.self) { group in
        group.addTask {
            do throws(Stop) {
                try await work(begin)
                return nil
            } catch {
                return error
            }
        }
        for await _ in begun { break }
        group.cancelAll()
        return await group.next() ?? nil
    }
}

/// The frames that a render delivered.
final class Shelf: Sendable {
    private let frames = Mutex<[RenderedFrame]>([])

    func put(_ frame: RenderedFrame) {
        frames.withLock { $0.append(frame) }
    }

    var contents: [RenderedFrame] { frames.withLock { $0 } }
    var numbers: [Int] { contents.map(\.number) }
}

extension BlenderProgram {
    /// The machine's Blender, or the Blender of `Tests/newer/run.sh`.
    static let tried = unsafe BlenderProgram(
        getenv("SPOTRENDER_BLENDER").map { unsafe String(cString: $0) } ?? "blender")
    static let sandboxed = BlenderProgram(tried.name, sandbox: Sandbox())
}

extension BlenderEngine {
    /// An engine whose Blenders have their home in a test's directory. `processes(of:)` finds them
    /// by it.
    init(
        _ program: BlenderProgram = .tried, in directory: String,
        limits: EngineLimits = EngineLimits(), idleMax: Duration = .seconds(60)
    ) {
        self.init(
            program, limits: limits,
            resident: ResidentBlender(home: directory + "/home", idleMax: idleMax))
    }
}

extension RenderRequest {
    /// A request for the tiny scene, with its pictures in `directory`.
    static func tiny(
        in directory: String, frames: String = "1-3",
        limit: FrameLimit = FrameLimit(.seconds(120)),
        _ change: (inout RenderSettings) -> Void = { _ in }
    ) throws -> RenderRequest {
        let frames = try FrameRange(parsing: frames)
        var settings = RenderSettings(
            scene: "Beads", frames: frames, engine: .cycles,
            resolution: Resolution(width: 64, height: 36), format: .png)
        change(&settings)
        return RenderRequest(
            scene: fixture("tiny.blend"), settings: settings, frames: frames, directory: directory,
            log: "\(directory)/render.log", frameLimit: limit)
    }

    /// The same request for another scene file.
    func of(_ scene: String) -> RenderRequest {
        RenderRequest(
            scene: scene, settings: settings, frames: frames, directory: directory, log: log,
            frameLimit: frameLimit)
    }
}
