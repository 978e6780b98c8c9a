internal import BlendFile
package import Farm

/// What to render: the uploader's settings replace the scene's own.
package enum SceneSettings {
    package static func merged(
        _ inspected: SceneInspection, _ wanted: RenderOverrides
    ) throws(JobRefusal) -> RenderSettings {
        let file = inspected.summary
        let scene = try chosen(file, wanted.scene)
        guard scene.hasCamera || scene.mayRenderWithoutCamera || wanted.camera != nil else {
            throw .noCamera(scene: scene.name)
        }
        let missing = inspected.missing
        if let missing, !wanted.allowsMissing {
            throw .missingFiles(missing, in: inspected.kind)
        }
        var frames = wanted.frames
        if frames == nil {
            frames = try FrameRange(
                first: scene.frameStart, last: scene.frameEnd, step: max(1, scene.frameStep))
        }
        guard let frames else { preconditionFailure("The frames were set a line above.") }
        return RenderSettings(
            file: inspected.kind == .project ? inspected.file : nil,
            scene: scene.name, frames: frames, engine: wanted.engine ?? Engine(scene.engine),
            resolution: wanted.resolution
                ?? Resolution(
                    width: scene.resolutionX, height: scene.resolutionY,
                    percentage: scene.resolutionPercentage),
            format: wanted.format ?? format(of: scene), samples: wanted.samples,
            camera: wanted.camera, missing: missing,
            savedBy: Farm.BlenderVersion(
                major: file.version.major, minor: file.version.minor, patch: 0))
    }

    private static func chosen(
        _ file: BlendSummary, _ name: String?
    ) throws(JobRefusal) -> SceneSummary {
        if let name {
            guard let scene = file.scene(named: name) else {
                throw .unknownScene(name, known: file.scenes.map(\.name))
            }
            return scene
        }
        guard let scene = file.activeScene else {
            throw .setting(
                name: "scene", value: "",
                expected: "the file's active scene is linked from another file, so name one of "
                    + file.scenes.map(\.name).joined(separator: ", "))
        }
        return scene
    }

    /// Movies, and formats that the farm does not check, are rendered as PNG, since frames are
    /// stills.
    private static func format(of scene: SceneSummary) -> ImageFormat {
        scene.output.identifier.flatMap(ImageFormat.init(rawValue:)) ?? .png
    }
}
