/// A scene's render settings as stored. They are not checked, so a range may be reversed.
package struct SceneSummary: Hashable, Sendable {
    package var name: String
    /// The first frame rendered.
    package var frameStart: Int
    /// The last frame, if the step reaches it. If it is before `frameStart`, nothing is rendered.
    package var frameEnd: Int
    package var frameStep: Int
    /// Blender's identifier: CYCLES, BLENDER_EEVEE, BLENDER_EEVEE_NEXT, BLENDER_WORKBENCH, or the
    /// engine of an add-on.
    package var engine: String
    /// Pixels, before `resolutionPercentage`.
    package var resolutionX: Int
    /// Pixels, before `resolutionPercentage`.
    package var resolutionY: Int
    package var resolutionPercentage: Int
    package var output: OutputFormat
    /// Whether the scene has a camera.
    package var hasCamera: Bool
    /// Whether the scene can make pictures without a camera of its own: by timeline markers, which
    /// may switch to a camera, by the sequencer or by the compositor. If this and `hasCamera` are
    /// both false, Blender ends with "Cannot render, no camera" (seen with 3.4.1).
    package var mayRenderWithoutCamera: Bool

    /// The picture's width in pixels, rounded as in Blender (BKE_render_resolution).
    package var width: Int { resolutionX * resolutionPercentage / 100 }
    /// The picture's height in pixels, rounded as in Blender (BKE_render_resolution).
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
    /// Reads a `Scene` (Blender's DNA_scene_types.h). A setting that an old Blender did not have
    /// gets the value that this version of Blender used.
    init(
        _ scene: StoredStructure, parts: [UInt64: BlockWalk.Block]
    ) throws(BlendFileError) {
        // The name begins with the two letters of its kind.
        let identifier = try scene.textIfPresent("id", "name") ?? ""
        name = String(identifier.dropFirst(2))
        frameStart = try scene.integer("r", "sfra")
        frameEnd = try scene.integer("r", "efra")
        // Both exist since 2.5. Blender also reads a step of 0 as 1.
        frameStep = max(1, try scene.integerIfPresent("r", "frame_step") ?? 1)
        engine = try scene.textIfPresent("r", "engine") ?? "BLENDER_RENDER"
        resolutionX = try scene.integer("r", "xsch")
        resolutionY = try scene.integer("r", "ysch")
        resolutionPercentage = try scene.integer("r", "size")
        // Up to 2.61 the format was a field of the scene.
        let imageType =
            if let type = try scene.integerIfPresent("r", "im_format", "imtype") {
                type
            } else {
                try scene.integer("r", "imtype")
            }
        output = OutputFormat(imageType: imageType & 0xFF)
        hasCamera = try scene.isSet("camera")
        // Since 5.0 the compositor's nodes are in another field.
        let others = [
            try scene.isSet("markers", "first"), try scene.isSet("nodetree"),
            try scene.isSet("compositing_node_group"),
            try Self.hasStrips(scene, parts: parts),
        ]
        mayRenderWithoutCamera = others.contains(true)
    }

    /// Whether the sequencer may have strips. The scene in Blender's default file has an empty one.
    private static func hasStrips(
        _ scene: StoredStructure, parts: [UInt64: BlockWalk.Block]
    ) throws(BlendFileError) -> Bool {
        guard let address = try scene.pointerIfPresent("ed"), address != 0 else { return false }
        // Beyond the bound on kept blocks, this is unknown.
        guard let part = parts[address] else { return true }
        return try scene.following(part, "Editing").isSet("seqbase", "first")
    }
}
