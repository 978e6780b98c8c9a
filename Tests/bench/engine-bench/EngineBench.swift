import BlendFile
import Blender
import Farm
import FoundationEssentials
import Glibc

/// Renders a scene's own frames with the farm's engine and nothing else of the farm: what
/// `Tests/bench/bench.py` times against `blender -b SCENE -a`.
///
///     engine-bench SCENE.blend DIRECTORY      both absolute; pictures and log go into DIRECTORY
@main struct EngineBench {
    static func main() async {
        guard CommandLine.arguments.count == 3 else {
            fail("usage: engine-bench SCENE.blend DIRECTORY", status: 2)
        }
        let (scene, directory) = (CommandLine.arguments[1], CommandLine.arguments[2])
        do {
            let settings = try await settings(of: scene)
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
