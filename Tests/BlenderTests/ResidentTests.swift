import Farm
import FoundationEssentials
import Glibc
import Synchronization
import Testing

@testable import Blender

/// These tests run the machine's Blender.
@Suite(.serialized) struct `A Blender that is kept` {
    /// Renders into a new directory, as a worker does for each attempt.
    @discardableResult
    private func render(
        _ frames: String, by engine: BlenderEngine,
        scene: String = fixture("tiny.blend"), _ change: (inout RenderSettings) -> Void = { _ in }
    ) async throws -> [RenderedFrame] {
        let pictures = "\(engine.resident.home)-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: pictures, withIntermediateDirectories: false)
        let shelf = Shelf()
        try await engine.render(
            .tiny(in: pictures, frames: frames, change).of(scene)
        ) { shelf.put($0) }
        return shelf.contents
    }

    private func log(beside frame: RenderedFrame?) throws -> String {
        let path = try #require(frame).path
        let folder = path[..<(path.lastIndex(of: "/") ?? path.endIndex)]
        return String(decoding: try read("\(folder)/render.log"), as: UTF8.self)
    }

    @Test func `renders the next frames without opening the scene again`() async throws {
        try await withDirectory { directory in
            let engine = BlenderEngine(in: directory)
            try await engine.withResidentBlender {
                let first = try await render("1-2", by: engine)
                let process = try await processes(of: directory)
                #expect(process != "")
                let second = try await render("7-11:2", by: engine)
                #expect(try await processes(of: directory) == process)
                #expect(second.map(\.number) == [7, 9, 11])
                #expect(first[0].opening > .zero)
                #expect(second.allSatisfy { $0.opening == .zero && $0.duration > .zero })
                #expect(try log(beside: first.first).contains(" opened "))
                // Each attempt's log has the output for it.
                let log = try log(beside: second.first)
                #expect(!log.contains(" opened "))
                #expect(log.contains(" device "))
                #expect(second.allSatisfy { $0.use.device == first[0].use.device })
                #expect(log.contains("frame_0007") && !log.contains("frame_0001"))
                // Earlier frames too.
                let third = try await render("3-3", by: engine)
                #expect(third.map(\.number) == [3])
                #expect(try await processes(of: directory) == process)
            }
            #expect(try await processes(of: directory) == "")
            #expect(!FileManager.default.fileExists(atPath: directory + "/home"))
        }
    }

    @Test func `renders the same picture as a new one`() async throws {
        try await withDirectory { directory in
            let engine = BlenderEngine(in: directory)
            _ = try await SliceScene(
                in: directory,
                """
                scene.camera.keyframe_insert("location", frame=1)
                scene.camera.location.x += 1
                scene.camera.keyframe_insert("location", frame=9)
                """)
            func picture(_ frame: String) async throws -> String {
                let frames = try await render(
                    frame, by: engine, scene: directory + "/scene.blend"
                ) {
                    $0.scene = "Scene"
                    $0.format = .openEXR
                }
                return try #require(frames.first).path
            }
            let fresh = try await picture("9-9")
            let (before, kept) = try await engine.withResidentBlender {
                (try await picture("1-1"), try await picture("9-9"))
            }
            #expect(try difference(fresh, kept) <= SliceScene.tolerance)
            #expect(try difference(before, kept) > SliceScene.tolerance)
        }
    }

    @Test func `remembers that its scene crops its pictures`() async throws {
        try await withDirectory { directory in
            let engine = BlenderEngine(in: directory)
            _ = try await SliceScene(
                in: directory,
                """
                render.use_border = render.use_crop_to_border = True
                render.border_max_x = 0.5
                """)
            try await engine.withResidentBlender {
                for frame in ["1-1", "2-2"] {
                    let frames = try await render(
                        frame, by: engine, scene: directory + "/scene.blend"
                    ) { $0.scene = "Scene" }
                    #expect(frames.count == 1)
                }
            }
        }
    }

    @Test func `ends before a Blender for another scene or size starts`() async throws {
        try await withDirectory { directory in
            let engine = BlenderEngine(in: directory)
            try await engine.withResidentBlender {
                try await render("1-1", by: engine)
                let process = try await processes(of: directory)
                let frames = try await render("1-1", by: engine) {
                    $0.resolution = Resolution(width: 32, height: 18)
                }
                #expect(frames.allSatisfy { $0.opening > .zero })
                let other = try await processes(of: directory)
                #expect(other != process && other.split(separator: "\n").count == 1, "\(other)")
            }
        }
    }

    @Test func `does not serve a file that replaced its scene`() async throws {
        try await withDirectory { directory in
            let engine = BlenderEngine(in: directory)
            let scene = directory + "/scene.blend"
            try write(try read(fixture("tiny.blend")), to: scene)
            await engine.withResidentBlender {
                await #expect(throws: Never.self) {
                    try await render("1-1", by: engine, scene: scene)
                    try FileManager.default.removeItem(atPath: scene)
                    try write(try read(fixture("no-camera.blend")), to: scene)
                }
                await #expect(throws: RenderError.self) {
                    try await render("1-1", by: engine, scene: scene)
                }
            }
        }
    }

    @Test func `is replaced when it was killed meanwhile`() async throws {
        try await withDirectory { directory in
            let engine = BlenderEngine(in: directory)
            try await engine.withResidentBlender {
                try await render("1-1", by: engine)
                let process = try #require(
                    try await processes(of: directory).split(separator: "/").dropFirst().first)
                #expect(kill(try #require(pid_t(process)), SIGKILL) == 0)
                let frames = try await render("2-2", by: engine)
                #expect(frames.allSatisfy { $0.opening > .zero })
            }
            #expect(try await processes(of: directory) == "")
        }
    }

    @Test func `is ended when no request comes`() async throws {
        try await withDirectory { directory in
            let engine = BlenderEngine(in: directory, idleMax: .milliseconds(300))
            try await engine.withResidentBlender {
                try await render("1-1", by: engine)
                while try await processes(of: directory) != "" {
                    try await ContinuousClock().sleep(for: .milliseconds(50))
                }
                let frames = try await render("2-2", by: engine)
                #expect(frames.allSatisfy { $0.opening > .zero })
            }
        }
    }

    @Test func `is ended by the cancellation of a later render`() async throws {
        try await withDirectory { directory in
            let engine = BlenderEngine(in: directory)
            try await engine.withResidentBlender {
                try await render("1-1", by: engine)
                let request = try RenderRequest.tiny(in: directory, frames: "2-10000")
                let stop = await canceled { (begin) throws(RenderError) in
                    try await engine.render(request) { _ in begin.yield() }
                }
                #expect(stop == .canceled)
                #expect(try await processes(of: directory) == "")
            }
        }
    }

    @Test func `is ended by a frame that can't be stored`() async throws {
        try await withDirectory { directory in
            let engine = BlenderEngine(in: directory)
            try await engine.withResidentBlender {
                try await render("1-1", by: engine)
                let full = PortError(.disk, "store frame 2", "no room")
                await #expect(throws: RenderError.storing(full)) {
                    try await engine.render(.tiny(in: directory, frames: "2-3")) {
                        (_) throws(PortError) in throw full
                    }
                }
                #expect(try await processes(of: directory) == "")
            }
        }
    }

    @Test func `ends before slices start`() async throws {
        try await withDirectory { directory in
            let engine = BlenderEngine(in: directory)
            try await engine.withResidentBlender {
                try await render("1-1", by: engine)
                let whole = try RenderRequest.tiny(in: directory, frames: "2-2")
                let slices = SliceRequest(
                    scene: whole.scene, settings: whole.settings, frame: 2, isForced: true,
                    directory: directory, log: whole.log, sliceDurationMax: .seconds(60))
                let seen = Mutex("")
                do throws(SliceError) {
                    try await engine.renderSlices(
                        slices,
                        next: { _ throws(PortError) in
                            do {
                                let there = try await processes(of: directory)
                                seen.withLock { $0 = there }
                            } catch {
                                throw PortError(.malformed, "list processes", "\(error)")
                            }
                            return nil
                        }, store: { _ in })
                } catch {
                    Issue.record(error)
                }
                // Slices work in the request's directory, a kept Blender in its home.
                #expect(!seen.withLock { $0 }.contains("\n/"), "two Blenders at once")
            }
        }
    }

    @Test func `serves negative frames only if it was started for them`() async throws {
        try await withDirectory { directory in
            let engine = BlenderEngine(in: directory)
            try await engine.withResidentBlender {
                let frames = try await render("-2--1", by: engine)
                #expect(frames.map(\.number) == [-2, -1])
                let others = try await render("-3-1:2", by: engine)
                #expect(others.map(\.number) == [-3, -1, 1])
                #expect(others[0].opening > .zero)
            }
        }
    }
}
