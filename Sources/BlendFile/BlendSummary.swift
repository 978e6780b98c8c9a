/// What a .blend says about its own rendering.
package struct BlendSummary: Hashable, Sendable {
    /// The Blender that saved the file.
    package var version: BlenderVersion
    package var compression: Compression
    /// The file's own scenes in its order (Blender sorts by name), at least one. Scenes linked from
    /// other files are left out.
    package var scenes: [SceneSummary]
    /// The place in `scenes` of the one that was open when the file was saved, which is what
    /// `blender -b file -a` renders. `nil` when that one is linked from another file.
    package var activeSceneIndex: Int?

    package var activeScene: SceneSummary? {
        activeSceneIndex.map { scenes[$0] }
    }

    package func scene(named name: String) -> SceneSummary? {
        scenes.first { $0.name == name }
    }

    package init(
        version: BlenderVersion, compression: Compression, scenes: [SceneSummary],
        activeSceneIndex: Int?
    ) {
        self.version = version
        self.compression = compression
        self.scenes = scenes
        self.activeSceneIndex = activeSceneIndex
    }

    /// How the file is stored.
    package enum Compression: String, Hashable, Sendable {
        case none
        /// Blender before 3.0.
        case gzip
        /// Blender from 3.0.
        case zstandard
    }
}

/// One scene's render settings, as stored: nothing is checked, so a range may be reversed.
package struct SceneSummary: Hashable, Sendable {
    package var name: String
    /// The first frame rendered.
    package var frameStart: Int
    /// The last frame rendered, if the step meets it. Below `frameStart`, nothing is rendered.
    package var frameEnd: Int
    package var frameStep: Int
    /// Blender's identifier: CYCLES, BLENDER_EEVEE, BLENDER_EEVEE_NEXT, BLENDER_WORKBENCH, or that
    /// of an add-on's engine.
    package var engine: String
    /// Pixels, before `resolutionPercentage`.
    package var resolutionX: Int
    /// Pixels, before `resolutionPercentage`.
    package var resolutionY: Int
    package var resolutionPercentage: Int
    package var output: OutputFormat
    /// Whether a camera is set as the scene's own. Without one, Blender takes any camera object of
    /// the scene, and a scene of the video sequencer needs none: so `false` is a warning only.
    package var hasCamera: Bool

    /// The picture's width in pixels, rounded as Blender does (BKE_render_resolution).
    package var width: Int { resolutionX * resolutionPercentage / 100 }
    /// The picture's height in pixels, rounded as Blender does (BKE_render_resolution).
    package var height: Int { resolutionY * resolutionPercentage / 100 }

    package init(
        name: String, frameStart: Int, frameEnd: Int, frameStep: Int, engine: String,
        resolutionX: Int, resolutionY: Int, resolutionPercentage: Int, output: OutputFormat,
        hasCamera: Bool
    ) {
        self.name = name
        self.frameStart = frameStart
        self.frameEnd = frameEnd
        self.frameStep = frameStep
        self.engine = engine
        self.resolutionX = resolutionX
        self.resolutionY = resolutionY
        self.resolutionPercentage = resolutionPercentage
        self.output = output
        self.hasCamera = hasCamera
    }
}
