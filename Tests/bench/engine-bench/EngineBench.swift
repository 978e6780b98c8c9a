import BlendFile
import Blender
import Farm
import FoundationEssentials
import Glibc
import Synchronization

/// Renders a scene's own frames with the farm's engine and nothing else of the farm: what
/// `Tests/bench/bench.py` times against `blender -b SCENE -a`.
///
///     engine-bench SCENE.blend DIRECTORY [SAMPLES [SLICES]]
///
/// Both paths are absolute; pictures and log go into DIRECTORY. With SLICES the first frame's samples
/// are rendered in so many equal slices, which are then merged.
@main struct EngineBench {
    static func main() async {
        let words = CommandLine.arguments
        guard (3...5).contains(words.count) else {
            fail("usage: engine-bench SCENE.blend DIRECTORY [SAMPLES [SLICES]]", status: 2)
        }
        let (scene, directory) = (words[1], words[2])
        do {
            var settings = try await settings(of: scene)
            if words.count > 3 { settings.samples = Int(words[3]) }
            if words.count > 4, let count = Int(words[4]) {
                try await renderSlices(of: scene, settings, in: directory, count: count)
                return
            }
            let request = RenderRequest(
                scene: scene, settings: settings, frames: settings.frames, directory: directory,
                log: directory + "/log", frameDurationMax: .seconds(600))
            try await BlenderEngine().render(request) { frame in
                print("frame \(frame.number) \(frame.duration.milliseconds) ms")
            }
        } catch {
            fail("\(error)", status: 1)
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
