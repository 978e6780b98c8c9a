/// The rendering facts of a .blend.
package struct BlendSummary: Hashable, Sendable {
    /// The version of Blender that saved the file.
    package var version: FileVersion
    package var compression: Compression
    /// The file's own scenes in the file's order: Blender sorts them by name. There is at least
    /// one, except in a file that others only link from. Scenes from other files are left out.
    package var scenes: [SceneSummary]
    /// The index in `scenes` of the scene that was open when the file was saved. The command
    /// `blender -b file -a` renders it. `nil` when that scene is linked from another file.
    package var activeSceneIndex: Int?
    /// The referenced files in the file's order, or `nil` when the file is too large to search.
    package var references: [FileReference]?

    package var activeScene: SceneSummary? {
        activeSceneIndex.map { scenes[$0] }
    }

    /// The scene with this name, or `nil` when the file has none.
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

    /// The compression of the file.
    package enum Compression: String, Hashable, Sendable {
        case none
        /// Blender before 3.0.
        case gzip
        /// Blender from 3.0.
        case zstandard
    }
}
