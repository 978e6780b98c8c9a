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
    /// Whether a camera is set as the scene's own.
    package var hasCamera: Bool
    /// Whether the scene has what can make pictures without a camera of its own: timeline markers,
    /// which may switch to one, a sequencer or a compositor. Where this and `hasCamera` are both
    /// false, Blender only says "Cannot render, no camera" (seen with 3.4.1).
    package var mayRenderWithoutCamera: Bool

    /// The picture's width in pixels, rounded as Blender does (BKE_render_resolution).
    package var width: Int { resolutionX * resolutionPercentage / 100 }
    /// The picture's height in pixels, rounded as Blender does (BKE_render_resolution).
    package var height: Int { resolutionY * resolutionPercentage / 100 }

    package init(
        name: String, frameStart: Int, frameEnd: Int, frameStep: Int, engine: String,
        resolutionX: Int, resolutionY: Int, resolutionPercentage: Int, output: OutputFormat,
        hasCamera: Bool, mayRenderWithoutCamera: Bool
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
        self.mayRenderWithoutCamera = mayRenderWithoutCamera
    }
}

extension SceneSummary {
    /// Reads a `Scene` (Blender's DNA_scene_types.h). What a Blender that old could not set has the
    /// value that it meant then.
    init(
        _ scene: StoredStructure, parts: [UInt64: BlockWalk.Block]
    ) throws(BlendFileError) {
        // The name begins with the two letters of its kind.
        let identifier = try scene.textIfPresent("id", "name") ?? ""
        name = String(identifier.dropFirst(2))
        frameStart = try scene.integer("r", "sfra")
        frameEnd = try scene.integer("r", "efra")
        // Both came with 2.5. A step of 0 counts as 1 in Blender, too.
        frameStep = max(1, try scene.integerIfPresent("r", "frame_step") ?? 1)
        engine = try scene.textIfPresent("r", "engine") ?? "BLENDER_RENDER"
        resolutionX = try scene.integer("r", "xsch")
        resolutionY = try scene.integer("r", "ysch")
        resolutionPercentage = try scene.integer("r", "size")
        // Until 2.61 the format was the scene's own.
        let imageType =
            if let type = try scene.integerIfPresent("r", "im_format", "imtype") {
                type
            } else {
                try scene.integer("r", "imtype")
            }
        output = OutputFormat(imageType: imageType & 0xFF)
        hasCamera = try scene.isSet("camera")
        // The compositor's nodes are elsewhere since 5.0.
        let others = [
            try scene.isSet("markers", "first"), try scene.isSet("nodetree"),
            try scene.isSet("compositing_node_group"),
            try Self.hasStrips(scene, parts: parts),
        ]
        mayRenderWithoutCamera = others.contains(true)
    }

    /// Whether the sequencer may hold anything. Blender's own first scene has an empty one.
    private static func hasStrips(
        _ scene: StoredStructure, parts: [UInt64: BlockWalk.Block]
    ) throws(BlendFileError) -> Bool {
        guard let address = try scene.pointerIfPresent("ed"), address != 0 else { return false }
        // Past the bound of parts kept, it can't be told.
        guard let part = parts[address] else { return true }
        return try scene.following(part, "Editing").isSet("seqbase", "first")
    }
}
