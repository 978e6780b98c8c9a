import ArgumentParser
import Farm
import Foundation
import Inspection

/// Settings that override the scene's. Their names are the names in the upload's metadata.
struct RenderOptions: ParsableArguments {
    @Option(help: "Frames, as in 1-240, 1-240:2 or 7. Default: the scene's frames.")
    var frames: String?
    @Option(help: "Frames per task.")
    var chunk: Int?
    @Option(help: "Samples per pixel.")
    var samples: Int?
    @Option(help: "Width and height, as in 1920x1080.")
    var resolution: String?
    @Option(help: "The file format: PNG, JPEG, OPEN_EXR, OPEN_EXR_MULTILAYER, TIFF or WEBP.")
    var format: String?
    @Option(help: "The render engine: cycles, eevee or workbench.")
    var engine: String?
    @Option(help: "The .blend file to render, if a folder or archive has several.")
    var file: String?
    @Option(help: "The name of the scene in the .blend file.")
    var scene: String?
    @Option(help: "The name of the camera.")
    var camera: String?
    @Option(help: "The target time from now, as in 90m or 2h. Replaces TurnAroundSeconds.")
    var deadline: String?
    @Option(help: "The budget in US dollars, as in 5 or 2.50.")
    var budget: String?
    @Option(help: "normal or high. A high job starts before normal jobs. Running frames finish.")
    var priority: String?
    @Flag(help: "Render even if files of the scene are missing.")
    var allowMissing = false
    @Option(help: "Split each frame's samples among so many workers, if that saves time.")
    var splitSamples: Int?
    @Flag(help: "Always render in slices of samples, without adaptive sampling.")
    var forceSlices = false
    @Flag(
        inversion: .prefixedNo,
        help: "Render the first, middle and last frames before the others, on one instance.")
    var canary = true
    @Flag(
        inversion: .prefixedNo,
        help: "Make thumbnails, a contact sheet and a video at the end.")
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

    /// Applies the splitter's rules before the upload.
    ///
    /// - Returns: The settings of the job.
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
