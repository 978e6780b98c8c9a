import Farm
import FoundationEssentials
import Subprocess
import Synchronization
import Testing

@testable import Blender

/// The machine's Blender makes the files. The tools of ffmpeg and ImageMagick check them.
@Suite(.serialized) struct `An assembly` {
    /// Frames of the tiny scene, and the files made of them.
    private final class Stage: Sendable {
        let directory: String
        let frames: [Int: RenderedFrame]
        let settings: RenderSettings
        private let files = Mutex<[AssembledFile.Kind: String]>([:])

        init(in directory: String, _ request: RenderRequest) async throws {
            self.directory = directory
            settings = request.settings
            let shelf = Shelf()
            try await BlenderEngine(.tried).render(request) { shelf.put($0) }
            frames = Dictionary(uniqueKeysWithValues: shelf.contents.map { ($0.number, $0) })
        }

        var made: [AssembledFile.Kind: String] { files.withLock { $0 } }

        func assemble(
            _ range: String, without missing: Set<Int> = [],
            then: @Sendable (AssembledFile) throws(PortError) -> Void = { _ in }
        ) async throws -> Assembled {
            let range = try FrameRange(parsing: range)
            let place = "\(directory)/assembly-\(UUID().uuidString)"
            try FileManager.default.createDirectory(
                atPath: place, withIntermediateDirectories: true)
            let request = AssemblyRequest(
                scene: fixture("tiny.blend"), settings: settings, frames: range,
                directory: place, log: "\(place)/log", stepDurationMax: .seconds(60))
            return try await BlenderEngine(.tried).assemble(request) {
                (number, path) throws(PortError) in
                guard let frame = frames[number], !missing.contains(number) else { return false }
                do {
                    try FileManager.default.copyItem(atPath: frame.path, toPath: path)
                } catch {
                    throw PortError(.disk, "copy a frame", "\(error)")
                }
                return true
            } store: { (file) throws(PortError) in
                try then(file)
                files.withLock { $0[file.kind] = file.path }
            }
        }

        static func run(_ name: String, _ arguments: [String]) async throws -> String {
            let result = try await Subprocess.run(
                .name(name), arguments: Arguments(arguments), output: .string(limit: 1 << 20),
                error: .combinedWithOutput)
            return result.standardOutput
        }

        func video(_ entries: String) async throws -> String {
            try await Self.run(
                "ffprobe",
                [
                    "-v", "error", "-show_entries", "stream=\(entries)", "-of", "csv=p=0",
                    try #require(made[.video]),
                ]
            ).trimmingBlanks
        }

        /// The difference of two pictures from 0 to 1: the root of the mean square. The pictures
        /// are so small that only their color and brightness count.
        func distance(_ left: String, _ right: String) async throws -> Double {
            let resized = ["-resize", "64x36!"]
            let text = try await Self.run(
                "convert",
                [left] + resized + ["("] + [right] + resized
                    + [")", "-metric", "RMSE", "-compare", "-format", "%[distortion]", "info:"])
            return try #require(Double(text.trimmingBlanks), "\(text)")
        }
    }

    @Test func `looks like its frames in each format`() async throws {
        try await withDirectory { directory in
            func rendered(_ format: ImageFormat) async throws -> Stage {
                let folder = "\(directory)/\(format.rawValue)"
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: false)
                return try await Stage(
                    in: folder,
                    .tiny(in: folder, frames: "1-2") {
                        $0.resolution = Resolution(width: 323, height: 181)
                        $0.format = format
                        $0.samples = 16
                    })
            }
            // Blender's own view of the frames.
            let shown = try await rendered(.png)
            let frame = try #require(shown.frames[2]?.path)
            for format in ImageFormat.allCases {
                let stage = format == .png ? shown : try await rendered(format)
                try await expectAssembly(of: stage, as: frame, "\(format)")
            }
        }
    }

    /// An assembly of two frames. The second one looks like `frame`.
    private func expectAssembly(
        of stage: Stage, as frame: String, _ format: Comment
    ) async throws {
        #expect(try await stage.assemble("1-2") == Assembled(), format)
        let made = stage.made
        #expect(
            Set(made.keys) == [
                .thumbnail(frame: 1), .thumbnail(frame: 2), .contactSheet, .video,
            ], format)
        let thumbnail = try #require(made[.thumbnail(frame: 2)], format)
        #expect(try await stage.distance(frame, thumbnail) < 0.015, format)
        #expect(
            try await stage.video("codec_name,width,height,pix_fmt,r_frame_rate,nb_frames")
                == "h264,322,180,yuv420p,24/1,2", format)
        let video = try #require(made[.video], format)
        let still = "\(stage.directory)/still.png"
        _ = try await Stage.run(
            "ffmpeg",
            ["-v", "error", "-i", video, "-vf", "select=eq(n\\,1)", "-vframes", "1", still])
        #expect(try await stage.distance(frame, still) < 0.015, format)
        let other = try #require(made[.thumbnail(frame: 1)], format)
        #expect(try await stage.distance(frame, other) > 0.015, format)
    }

    @Test func `of frames with gaps has no video and a note that says why`() async throws {
        try await withDirectory { directory in
            let stage = try await Stage(in: directory, .tiny(in: directory, frames: "1-4"))
            let gap = try await stage.assemble("1-4", without: [2])
            #expect(gap.notes == ["There is no video: frames are missing: 2"])
            #expect(stage.made[.video] == nil && stage.made[.contactSheet] != nil)
            #expect(stage.made[.thumbnail(frame: 2)] == nil)
            let steps = try await stage.assemble("1-3:2")
            #expect(steps.notes == ["There is no video: frames are rendered in steps of 2"])
            #expect(stage.made[.video] == nil)
            // One frame makes no video, and needs no note.
            #expect(try await stage.assemble("4-4") == Assembled())
            let stop = await #expect(throws: RenderError.self) {
                try await stage.assemble("1-4", without: [1, 2, 3, 4])
            }
            guard case .failed(let failure)? = stop else { throw try #require(stop) }
            #expect(failure.message == "None of the job's frames is stored.")
        }
    }

    @Test(arguments: [ImageFormat.jpeg, .webp, .multilayerEXR])
    func `finds black frames that the render did not find`(_ format: ImageFormat) async throws {
        try await withDirectory { directory in
            let scene = try await SliceScene(
                in: directory, format: format,
                """
                cycles.samples = 1
                scene.world = None
                light = bpy.data.objects["Area"]
                for frame, hidden in {1: False, 2: True, 3: False}.items():
                    light.hide_render = hidden
                    light.keyframe_insert("hide_render", frame=frame)
                """)
            let frames = try await scene.render("1-3")
            let place = "\(directory)/assembly"
            try FileManager.default.createDirectory(
                atPath: place, withIntermediateDirectories: true)
            let request = AssemblyRequest(
                scene: "\(directory)/scene.blend", settings: try scene.settings("1-3"),
                frames: try FrameRange(parsing: "1-3"), directory: place, log: "\(place)/log",
                stepDurationMax: .seconds(60))
            let assembled = try await BlenderEngine(.tried).assemble(request) {
                (number, path) throws(PortError) in
                do {
                    try FileManager.default.copyItem(
                        atPath: frames[number - 1].path, toPath: path)
                } catch {
                    throw PortError(.disk, "copy a frame", "\(error)")
                }
                return true
            } store: { _ in
            }
            #expect(assembled.blankFrames == [2])
        }
    }

    @Test func `ends when a store fails, and leaves no process`() async throws {
        try await withDirectory { directory in
            let stage = try await Stage(in: directory, .tiny(in: directory, frames: "1-2"))
            let problem = PortError(.unavailable, "store", "the test says so")
            let stop = await #expect(throws: RenderError.self) {
                try await stage.assemble("1-2") { (file) throws(PortError) in
                    if file.kind == .thumbnail(frame: 2) { throw problem }
                }
            }
            #expect(stop == .storing(problem))
            #expect(try await processes(of: directory) == "")
            // Again from the start.
            #expect(try await stage.assemble("1-2") == Assembled())
            #expect(stage.made.count == 4)
        }
    }
}
