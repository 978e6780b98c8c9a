import ArgumentParser
import Farm
import Foundation
import Inspection

/// What to render otherwise than the scene says: the same names as the object's metadata has.
struct RenderOptions: ParsableArguments {
    @Option(help: "Frames as in 1-240, 1-240:2 or 7. Default: the scene's own.")
    var frames: String?
    @Option(help: "Frames in a task.")
    var chunk: Int?
    @Option(help: "Samples a pixel.")
    var samples: Int?
    @Option(help: "Width and height as in 1920x1080.")
    var resolution: String?
    @Option(help: "PNG, JPEG, OPEN_EXR, OPEN_EXR_MULTILAYER, TIFF or WEBP.")
    var format: String?
    @Option(help: "cycles, eevee or workbench.")
    var engine: String?
    @Option(help: "The .blend to render, in a folder or archive with several.")
    var file: String?
    @Option(help: "The scene in the file, by name.")
    var scene: String?
    @Option(help: "The camera, by name.")
    var camera: String?
    @Option(help: "When it should be done, from now on, as in 90m or 2h.")
    var deadline: String?
    @Option(help: "US dollars that it may cost, as in 5 or 2.50.")
    var budget: String?
    @Option(help: "high: before all jobs of normal priority.")
    var priority: String?
    @Flag(help: "Render although files that the scene needs are not there.")
    var allowMissing = false
    @Option(help: "Workers over which each frame's samples are spread, where that gains time.")
    var splitSamples: Int?
    @Flag(help: "Render in slices of samples where it may not pay, without adaptive sampling.")
    var forceSlices = false
    @Flag(
        inversion: .prefixedNo,
        help: "Render the first, middle and last frames before the others, on one instance.")
    var canary = true
    @Flag(
        inversion: .prefixedNo,
        help: "Make thumbnails, a contact sheet and a video of the frames in the end.")
    var assembly = true

    var metadata: [String: String] {
        var metadata: [String: String] = [:]
        metadata["frames"] = frames
        metadata["chunk"] = chunk.map(String.init)
        metadata["samples"] = samples.map(String.init)
        metadata["resolution"] = resolution
        metadata["format"] = format
        metadata["engine"] = engine
        metadata["file"] = file
        metadata["scene"] = scene
        metadata["camera"] = camera
        metadata["deadline"] = deadline
        metadata["budget"] = budget
        metadata["priority"] = priority
        metadata["allow-missing"] = allowMissing ? "true" : nil
        metadata["split-samples"] = splitSamples.map(String.init)
        metadata["force-slices"] = forceSlices ? "true" : nil
        metadata["canary"] = canary ? nil : "false"
        metadata["assembly"] = assembly ? nil : "false"
        return metadata
    }

    /// What the splitter would refuse is refused here, by the same rules, before anything is sent.
    ///
    /// - Returns: What will be rendered.
    func check(_ scene: SceneInspection) throws -> RenderSettings {
        let overrides: RenderOverrides
        do {
            overrides = try RenderOverrides(metadata: metadata)
        } catch {
            throw ValidationError(error.description)
        }
        return try SceneSettings.merged(scene, overrides)
    }
}
