import BlendFile
import Blender
import Farm
import FoundationEssentials
import Glibc
import Synchronization

/// Renders a scene's own frames with the farm's engine and nothing else of the farm: what
/// `Tests/bench/bench.py` times against `blender -b SCENE -a`.
///
///     engine-bench [--each | --each-anew] SCENE.blend DIRECTORY [SAMPLES [SLICES]]
///
/// All frames are one task; `--each` makes it a task for each frame, as a worker takes one after
/// another, and `--each-anew` has no Blender kept between them. Both paths are absolute; pictures
/// and log go into DIRECTORY. With SLICES the first frame's samples are rendered in so many equal
/// slices, which are then merged.
@main struct EngineBench {
    static func main() async {
        let ways = ["--each", "--each-anew"]
        let words = CommandLine.arguments.filter { !ways.contains($0) }
        let way = CommandLine.arguments.first(where: ways.contains)
        guard (3...5).contains(words.count) else {
            fail(
                "usage: engine-bench [--each|--each-anew] SCENE.blend DIRECTORY [SAMPLES [SLICES]]",
                status: 2)
        }
        let (scene, directory) = (words[1], words[2])
        do {
            var settings = try await settings(of: scene)
            if words.count > 3 { settings.samples = Int(words[3]) }
            if words.count > 4, let count = Int(words[4]) {
                try await renderSlices(of: scene, settings, in: directory, count: count)
                return
            }
            let engine = BlenderEngine(resident: ResidentBlender(home: directory + "/home"))
            let tasks =
                way == nil
                ? [settings.frames] : settings.frames.frames.map(settings.frames.only)
            let requests = tasks.map { frames in
                RenderRequest(
                    scene: scene, settings: settings, frames: frames, directory: directory,
                    log: directory + "/log", frameLimit: FrameLimit(.seconds(600)))
            }
            if way == "--each-anew" {
                for request in requests { try await render(request, by: engine) }
            } else {
                try await engine.withResidentBlender {
                    for request in requests { try await render(request, by: engine) }
                }
            }
        } catch {
            fail("\(error)", status: 1)
        }
    }

    private static func render(
        _ request: RenderRequest, by engine: BlenderEngine
    ) async throws {
        try await engine.render(request) { frame in
            print("frame \(frame.number) \(frame.duration.milliseconds) ms")
        }
    }

    private static func renderSlices(
        of scene: String, _ settings: RenderSettings, in directory: String, count: Int
    ) async throws {
        let slices = Mutex<[RenderedSlice]>([])
        let request = SliceRequest(
            scene: scene, settings: settings, frame: settings.frames.first, isForced: true,
            directory: directory, log: directory + "/slices.log", sliceDurationMax: .seconds(600))
        try await BlenderEngine().renderSlices(
            request,
            next: { measured in
                let number = measured.slices.count
                guard number < count else { return nil }
                let start = measured.samples * number / count
                let end = measured.samples * (number + 1) / count
                return SampleRange(start: start, count: end - start)
            },
            store: { slice in
                slices.withLock { $0.append(slice) }
                print("\(slice.range) \(slice.duration.milliseconds) ms \(slice.byteCount) bytes")
            })
        let parts = slices.withLock { $0 }.map { MergeRequest.Part(range: $0.range, path: $0.path) }
        let merged = try await BlenderEngine().merge(
            MergeRequest(
                scene: scene, settings: settings, frame: settings.frames.first, slices: parts,
                directory: directory, log: directory + "/log", durationMax: .seconds(600)))
        print("merge \(merged.duration.milliseconds) ms")
    }

    private static func settings(of path: String) async throws -> RenderSettings {
        let summary = try await BlendReader.summary(of: LocalFile(path: path))
        guard let scene = summary.activeScene else {
            fail("\(path) has no scene of its own", status: 1)
        }
        return RenderSettings(
            scene: scene.name,
            frames: try FrameRange(
                first: scene.frameStart, last: scene.frameEnd, step: scene.frameStep),
            engine: Engine(scene.engine),
            resolution: Resolution(
                width: scene.resolutionX, height: scene.resolutionY,
                percentage: scene.resolutionPercentage),
            format: .png)
    }

    private static func fail(_ words: String, status: Int32) -> Never {
        print(words)
        exit(status)
    }
}
