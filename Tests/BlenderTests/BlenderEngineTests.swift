import Farm
import Synchronization
import Testing

@testable import Blender

/// These run the Blender of the machine: `apt-get install blender`.
@Suite(.serialized) struct `Blender renders` {
    private func render(_ request: RenderRequest) async throws -> [RenderedFrame] {
        let shelf = Shelf()
        try await BlenderEngine(in: request.directory).render(request) {
            (frame) throws(PortError) in shelf.put(frame)
        }
        return shelf.contents
    }

    private func failure(_ request: RenderRequest) async throws -> RenderFailure {
        let stop = await #expect(throws: RenderError.self) { try await render(request) }
        guard case .failed(let failure) = try #require(stop) else {
            throw try #require(stop)
        }
        return failure
    }

    @Test func `a chunk, and delivers each frame in order`() async throws {
        try await withDirectory { directory in
            let frames = try await render(.tiny(in: directory, frames: "3-9:3"))
            #expect(frames.map(\.number) == [3, 6, 9])
            #expect(
                frames.map(\.path) == ["3", "6", "9"].map { "\(directory)/frame_000\($0).png" })
            #expect(frames.allSatisfy { $0.byteCount > 1000 && $0.duration > .zero })
            // Blender opens the scene once, before the first frame.
            let opening = frames[0].opening
            #expect(opening > .zero && opening < frames[0].duration)
            #expect(frames.dropFirst().allSatisfy { $0.opening == .zero })
            let log = String(decoding: try read("\(directory)/render.log"), as: UTF8.self)
            // The Python module of 5.0.1 prints no progress.
            let isTold = log.contains("Fra:")
            for frame in frames {
                #expect(try #require(frame.use.memoryPeak) > 50 << 20)
                #expect(try #require(frame.use.device).isEmpty == false)
                #expect((frame.use.synchronizing > .zero) == isTold)
                #expect((frame.use.finishing > .zero) == isTold)
                let reported = frame.opening + frame.use.synchronizing + frame.use.finishing
                #expect(reported < frame.duration)
            }
            #expect(log.contains("/frame_0009.png'"))
        }
    }

    @Test func `and reports its progress sample by sample`() async throws {
        try await withDirectory { directory in
            let progress = Mutex<[FrameProgress?]>([])
            let engine = BlenderEngine(
                .tried, onProgress: { now in progress.withLock { $0.append(now) } })
            let request = try RenderRequest.tiny(in: directory, frames: "2-2") { $0.samples = 8 }
            try await engine.render(request) { _ in }
            let seen = progress.withLock { $0 }
            #expect(seen.contains(FrameProgress(frame: 2, samples: 8, samplesMax: 8)), "\(seen)")
            // No frame renders any more.
            #expect(seen.last == .some(nil))
        }
    }

    @Test func `negative frames, with the names of stored frames`() async throws {
        try await withDirectory { directory in
            let frames = try await render(.tiny(in: directory, frames: "-2--1"))
            #expect(frames.map(\.path) == ["2", "1"].map { "\(directory)/frame_-000\($0).png" })
        }
    }

    @Test(arguments: ImageFormat.allCases)
    func `each of our formats, and finds the file complete`(_ format: ImageFormat) async throws {
        try await withDirectory { directory in
            let request = try RenderRequest.tiny(in: directory, frames: "1-1") {
                $0.format = format
                $0.resolution = Resolution(width: 101, height: 53, percentage: 50)
            }
            let frames = try await render(request)
            let path = try #require(frames.first).path
            #expect(path == "\(directory)/frame_0001.\(format.fileExtension)")
            let whole = try read(path)
            for count in [whole.count - 1, whole.count / 2, 20, 1] {
                try write(Array(whole.prefix(count)), to: path)
                let check = PictureCheck(format: format, size: PixelSize(width: 50, height: 26))
                #expect(throws: PictureFault.self, "\(count) of \(whole.count) bytes") {
                    try check.check(path)
                }
            }
        }
    }

    @Test func `with the samples and engine it is given`() async throws {
        try await withDirectory { directory in
            _ = try await render(.tiny(in: directory, frames: "1-1") { $0.samples = 3 })
            let log = String(decoding: try read("\(directory)/render.log"), as: UTF8.self)
            #expect(log.contains("Sample 3/3"))
        }
    }

    @Test func `nothing for a scene without a camera, and says so`() async throws {
        try await withDirectory { directory in
            let scene = fixture("no-camera.blend")
            let failure = try await failure(.tiny(in: directory).of(scene))
            #expect(failure.kind == .scene)
            #expect(failure.message.contains("no camera"))
        }
    }

    @Test func `nothing for names that the file doesn't have`() async throws {
        try await withDirectory { directory in
            let scene = try await failure(.tiny(in: directory) { $0.scene = "Beeds" })
            #expect(scene.kind == .scene)
            #expect(scene.message.contains("no scene \"Beeds\"; it has Beads"))
            let camera = try await failure(.tiny(in: directory) { $0.camera = "Ball" })
            #expect(camera.kind == .scene)
            #expect(camera.message.contains("no camera \"Ball\"; it has Camera"))
            let engine = try await failure(.tiny(in: directory) { $0.engine = Engine("LUX") })
            #expect(engine.kind == .scene)
            #expect(engine.message.contains("no render engine \"LUX\""))
        }
    }

    @Test(arguments: ["garbage", "", "BLENDER-v304", "BLENDER-v304REND\u{10}\0\0\0"])
    func `nothing for a file that is no scene`(_ content: String) async throws {
        try await withDirectory { directory in
            let scene = "\(directory)/bad.blend"
            try write(Array(content.utf8), to: scene)
            let failure = try await failure(.tiny(in: directory).of(scene))
            #expect(failure.kind == .scene)
            #expect(failure.message.contains("can't open the scene"))
        }
    }

    @Test func `nothing for a scene that is not there`() async throws {
        try await withDirectory { directory in
            let failure = try await failure(.tiny(in: directory).of("\(directory)/no.blend"))
            #expect(failure.kind == .scene)
        }
    }

    @Test(.enabled("A small file system can be mounted") { try await SmallDisk.isPossible() })
    func `until the disk is full, and then reports that`() async throws {
        try await withDirectory { directory in
            let stop = try await SmallDisk.mounted(at: directory) {
                let request = try RenderRequest.tiny(in: directory) {
                    $0.resolution = Resolution(width: 640, height: 360)
                }
                return await #expect(throws: RenderError.self) { try await render(request) }
            }
            guard case .failed(let failure)? = stop else { throw try #require(stop) }
            #expect(failure.kind == .disk)
            #expect(failure.message.contains("disk is full at \(directory)"))
        }
    }

    @Test func `with a version that is reported`() async throws {
        let version = try await BlenderProgram.tried.version()
        #expect(version >= BlenderVersion(major: 2, minor: 80, patch: 0))
    }
}
