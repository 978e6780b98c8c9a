/// What a .blend says about its own rendering.
package struct BlendSummary: Hashable, Sendable {
    /// The Blender that saved the file.
    package var version: FileVersion
    package var compression: Compression
    /// The file's own scenes in its order (Blender sorts by name), at least one unless it is a file
    /// that others link from. Scenes linked from other files are left out.
    package var scenes: [SceneSummary]
    /// The place in `scenes` of the one that was open when the file was saved, which is what
    /// `blender -b file -a` renders. `nil` when that one is linked from another file.
    package var activeSceneIndex: Int?
    /// The files it refers to, in its order. `nil` when the file is too large to look through.
    package var references: [FileReference]?

    package var activeScene: SceneSummary? {
        activeSceneIndex.map { scenes[$0] }
    }

    package func scene(named name: String) -> SceneSummary? {
        scenes.first { $0.name == name }
    }

    package init(
        version: FileVersion, compression: Compression, scenes: [SceneSummary],
        activeSceneIndex: Int?, references: [FileReference]?
    ) {
        self.version = version
        self.compression = compression
        self.scenes = scenes
        self.activeSceneIndex = activeSceneIndex
        self.references = references
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
