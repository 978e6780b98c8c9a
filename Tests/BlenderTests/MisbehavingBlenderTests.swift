import Farm
import Glibc
import Subprocess
import Testing

@testable import Blender

@Suite struct `A Blender that misbehaves` {
    private let program = BlenderProgram(fixture("fake-blender.sh"))

    private func engine(in directory: String) -> BlenderEngine {
        var limits = EngineLimits()
        limits.grace = .milliseconds(200)
        return BlenderEngine(program, in: directory, limits: limits)
    }

    /// Renders frames 1 to 3 with the stand-in, which misbehaves in this way.
    private func stop(
        _ way: String, within limit: FrameLimit = FrameLimit(.seconds(60)),
        _ shelf: Shelf = Shelf()
    ) async throws -> RenderError? {
        try await withDirectory { directory in
            let request = try Self.request(way, directory, limit)
            do {
                try await engine(in: directory).render(request) { (frame) throws(PortError) in
                    shelf.put(frame)
                }
                return nil
            } catch let stop as RenderError {
                return stop
            }
        }
    }

    private static func request(
        _ way: String, _ directory: String, _ limit: FrameLimit = FrameLimit(.seconds(60))
    ) throws -> RenderRequest {
        try .tiny(in: directory, limit: limit) {
            $0.engine = Engine(way)
            $0.camera = fixture("frame.png")
        }
    }

    private func failure(
        _ way: String, within limit: FrameLimit = FrameLimit(.seconds(60)),
        _ shelf: Shelf = Shelf()
    ) async throws -> RenderFailure {
        guard case .failed(let failure)? = try await stop(way, within: limit, shelf) else {
            throw PortError(.malformed, "expect a failure", "the render went on")
        }
        return failure
    }

    @Test func `and exits with 0 without a picture fails`() async throws {
        let failure = try await failure("NO_PICTURE")
        #expect(failure.kind == .noPicture)
        #expect(failure.message.contains("frame 1 has no complete picture: there is no file"))
    }

    @Test func `and reports half a picture as saved is ended`() async throws {
        let failure = try await failure("HALF")
        #expect(failure.kind == .noPicture)
        #expect(failure.message.contains("reported frame 1 as saved, but the file ends early"))
    }

    @Test func `and leaves an empty file fails`() async throws {
        let failure = try await failure("EMPTY")
        #expect(failure.kind == .noPicture)
        #expect(failure.message.contains("the file is empty"))
    }

    @Test(arguments: ["HANG", "STUBBORN"])
    func `and hangs is ended, and its complete frame is delivered`(_ way: String) async throws {
        let shelf = Shelf()
        let failure = try await failure(
            way, within: FrameLimit(.milliseconds(400), opening: .seconds(60)), shelf)
        #expect(failure.kind == .timeout)
        #expect(shelf.numbers == [1])
    }

    @Test func `and hangs fails with the place where it hung`() async throws {
        let failure = try await failure("HANG", within: FrameLimit(.milliseconds(400)))
        #expect(failure.message.contains("in frame 2, sample 3 of 64"))
    }

    @Test func `and opens a scene longer than a frame may take still renders`() async throws {
        let limit = FrameLimit(.milliseconds(500), opening: .seconds(60))
        let shelf = Shelf()
        #expect(try await stop("SLOW_OPENING", within: limit, shelf) == nil)
        #expect(shelf.numbers == [1, 2, 3])
    }

    @Test func `and never opens the scene is ended too`() async throws {
        let limit = FrameLimit(.seconds(60), opening: .milliseconds(400))
        let failure = try await failure("NO_OPENING", within: limit)
        #expect(failure.kind == .timeout)
        #expect(failure.message.contains("was not open after 0 s"))
    }

    @Test func `and dies by a signal has crashed, and the message has its last lines`() async throws
    {
        let shelf = Shelf()
        let failure = try await failure("CRASH", shelf)
        #expect(failure.kind == .crashed)
        #expect(failure.message.contains("signal 11 in frame 2, sample 3 of 64"))
        #expect(failure.message.contains("Something about a null pointer"))
        #expect(shelf.numbers == [1])
    }

    @Test func `and is killed like the kernel kills for memory fails for memory`() async throws {
        let failure = try await failure("STARVED")
        #expect(failure.kind == .memory)
        #expect(failure.message.contains("memory ran out"))
        #expect(failure.message.contains(/when it used [0-9]+ MiB of memory/))
    }

    @Test(arguments: ["CRASH_AFTER", "SILENT", "GARBAGE", "FORGED"])
    func `and leaves every picture complete succeeds`(_ way: String) async throws {
        let shelf = Shelf()
        #expect(try await stop(way, shelf) == nil)
        #expect(shelf.numbers == [1, 2, 3])
    }

    @Test func `and prints endlessly fills neither log nor message`() async throws {
        try await withDirectory { directory in
            try await engine(in: directory).render(Self.request("GARBAGE", directory)) { _ in }
            let log = try read("\(directory)/render.log")
            #expect(log.count < RenderLog.headMax + 2 * RenderLog.tailMax + 100)
            #expect(String(decoding: log.suffix(300), as: UTF8.self).contains("frame_0003.png"))
        }
    }

    @Test func `and has no room fails with a full disk`() async throws {
        #expect(try await failure("FULL").kind == .disk)
    }

    @Test func `and lacks a denoiser fails with advice`() async throws {
        #expect(try await failure("DENOISER").message.contains("switch Denoise off"))
    }

    @Test func `and can't draw fails with the packages to install`() async throws {
        let failure = try await failure("NO_DISPLAY")
        #expect(failure.kind == .noPicture)
        #expect(failure.message.contains("install Mesa and Xvfb"))
    }

    @Test func `and lacks a library can't run here`() async throws {
        let failure = try await failure("LIBRARY")
        #expect(failure.kind == .noBlender)
        #expect(failure.message.contains("libGL.so.1"))
    }

    @Test(arguments: ["/nowhere/blender", "no-such-blender"])
    func `and is not there fails with advice`(_ name: String) async throws {
        try await withDirectory { directory in
            let request = try Self.request("NO_PICTURE", directory)
            let stop = await #expect(throws: RenderError.self) {
                try await BlenderEngine(BlenderProgram(name), in: directory).render(request) { _ in
                }
            }
            guard case .failed(let failure)? = stop else { throw try #require(stop) }
            #expect(failure.kind == .noBlender)
            #expect(failure.message.contains("SPOTRENDER_BLENDER"))
            let probe = await #expect(throws: RenderFailure.self) {
                try await BlenderProgram(name).version()
            }
            #expect(probe?.kind == .noBlender)
        }
    }

    @Test func `is no Blender if it does not answer like one`() async throws {
        let probe = await #expect(throws: RenderFailure.self) { try await program.version() }
        #expect(probe?.message.contains("does not answer like Blender") == true)
    }

    @Test func `whose log can't be written fails with a disk error`() async throws {
        try await withDirectory { directory in
            let good = try Self.request("HANG", directory)
            let request = RenderRequest(
                scene: good.scene, settings: good.settings, frames: good.frames,
                directory: directory, log: "\(directory)/no/render.log",
                frameLimit: good.frameLimit)
            let stop = await #expect(throws: RenderError.self) {
                try await engine(in: directory).render(request) { _ in }
            }
            guard case .failed(let failure)? = stop else { throw try #require(stop) }
            #expect(failure.kind == .disk)
        }
    }

    @Test func `and crops its pictures may differ from the resolution`() async throws {
        try await withDirectory { directory in
            let large = Resolution(width: 640, height: 360)
            for (way, isRight) in [("CROPPED", true), ("SILENT", false)] {
                let request = try RenderRequest.tiny(in: directory) {
                    $0.engine = Engine(way)
                    $0.camera = fixture("frame.png")
                    $0.resolution = large
                }
                let shelf = Shelf()
                do {
                    try await engine(in: directory).render(request) { (frame) in shelf.put(frame) }
                    #expect(isRight)
                } catch {
                    #expect(!isRight)
                    #expect("\(error)".contains("the picture is 64×36, not 640×360"))
                }
                #expect(shelf.numbers == (isRight ? [1, 2, 3] : []))
            }
        }
    }

    @Test func `does not wait for a slow store`() async throws {
        try await withDirectory { directory in
            let through = "\(directory)/through"
            let made = try await Subprocess.run(
                .name("mkfifo"), arguments: [through], output: .discarded)
            try #require(made.terminationStatus.isSuccess)
            let shelf = Shelf()
            try await engine(in: directory).render(Self.request("FLOOD", directory)) {
                (frame) throws(PortError) in
                shelf.put(frame)
                guard frame.number == 1 else { return }
                // The first frame is stored only when Blender has written everything.
                do {
                    let heard = try await Subprocess.run(
                        .name("cat"), arguments: [through], output: .string(limit: 100))
                    #expect(heard.standardOutput == "through\n")
                } catch {
                    throw PortError(.unavailable, "hear of Blender's end", "\(error)")
                }
            }
            #expect(shelf.numbers == [1, 2, 3])
        }
    }

    @Test func `waits when too many pictures are not stored yet`() async throws {
        var limits = EngineLimits()
        limits.waitingFramesMax = 1
        try await withDirectory { directory in
            let shelf = Shelf()
            let request = try Self.request("GARBAGE", directory)
            try await BlenderEngine(program, in: directory, limits: limits)
                .render(request) { shelf.put($0) }
            #expect(shelf.numbers == [1, 2, 3])
        }
    }

    @Test func `sees nothing of the worker's environment`() async throws {
        try await withDirectory { directory in
            unsafe setenv("AWS_SECRET_ACCESS_KEY", "hush", 1)
            try await engine(in: directory).render(Self.request("ENVIRONMENT", directory)) { _ in }
            let log = String(decoding: try read("\(directory)/render.log"), as: UTF8.self)
            #expect(log.contains("HOME=\(directory)/home"))
            #expect(!log.contains("AWS_"))
        }
    }
}
