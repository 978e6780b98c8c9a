import Farm
import Glibc
import Subprocess
import Testing

@testable import Blender

@Suite struct `A render that is ended` {
    private func request(_ way: String, _ directory: String) throws -> RenderRequest {
        try .tiny(in: directory) {
            $0.engine = Engine(way)
            $0.camera = fixture("frame.png")
        }
    }

    private func engine(in directory: String) -> BlenderEngine {
        var limits = EngineLimits()
        limits.grace = .milliseconds(200)
        return BlenderEngine(
            BlenderProgram(fixture("fake-blender.sh")), in: directory, limits: limits)
    }

    @Test(arguments: ["HANG", "STUBBORN"])
    func `by cancellation leaves no process behind`(_ way: String) async throws {
        try await withDirectory { directory in
            let engine = engine(in: directory)
            let request = try request(way, directory)
            let stop = await canceled { (begin) throws(RenderError) in
                // The first frame is there. So the process and its child run.
                try await engine.render(request) { _ in begin.yield() }
            }
            #expect(stop == .canceled)
            #expect(try await processes(of: directory) == "")
        }
    }

    @Test(arguments: ["HANG", "STUBBORN", "ORPHAN"])
    func `by a store that fails leaves no process behind`(_ way: String) async throws {
        try await withDirectory { directory in
            let full = PortError(.disk, "store frame 1", "no room")
            let request = try request(way, directory)
            await #expect(throws: RenderError.storing(full)) {
                try await engine(in: directory).render(request) { (_) throws(PortError) in
                    throw full
                }
            }
            #expect(try await processes(of: directory) == "")
        }
    }

    @Test func `by the worker's sudden death ends Blender too`() async throws {
        try await withDirectory { directory in
            // A dead worker's end of the pipe is closed. This input is closed from the start.
            let command = BlenderCommand(
                .tried, .frames, try .tiny(in: directory, frames: "1-100000"),
                grace: EngineLimits().grace)
            let result = try await Subprocess.run(
                command.configuration, input: .none, output: .discarded)
            #expect(result.terminationStatus == .signaled(SIGKILL))
        }
    }

    @Test func `by itself leaves no process behind`() async throws {
        try await withDirectory { directory in
            let request = try request("ORPHAN", directory)
            await #expect(throws: RenderError.self) {
                try await engine(in: directory).render(request) { _ in }
            }
            #expect(try await processes(of: directory) == "")
        }
    }
}
