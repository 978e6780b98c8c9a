/// A file that a .blend references.
package struct FileReference: Hashable, Sendable {
    /// The use of the file in the scene.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case image
        /// Pictures numbered by frame. `path` is one of them.
        case imageSequence = "image-sequence"
        /// `path` has `<UDIM>` or `<UVTILE>` in place of each tile's number.
        case imageTiles = "image-tiles"
        case movie
        /// Another .blend, from which data-blocks are linked.
        case library
        case font
        case sound
        /// Alembic or USD.
        case sceneCache = "scene-cache"
        /// OpenVDB.
        case volume
        /// Like `volume`, numbered by frame. `path` is one of the files.
        case volumeSequence = "volume-sequence"
        /// `path` is a folder.
        case fluidCache = "fluid-cache"
        /// Baked cloth, particles, soft or rigid bodies. `path` is a folder, with `*` for the
        /// .blend's own name.
        case pointCache = "point-cache"
        /// MDD or PC2.
        case meshCache = "mesh-cache"
        /// `path` is a folder.
        case oceanCache = "ocean-cache"
        /// Simulations and bakes of geometry nodes. `path` is a folder.
        case nodesBake = "nodes-bake"
        /// An OSL shader.
        case script
        /// An IES lamp's light distribution.
        case lightProfile = "light-profile"
    }

    package var kind: Kind
    /// As stored. `//` is the .blend's folder, and files from Windows have `\` instead of `/`.
    package var path: String
    /// The name of the data-block that references the file. `nil` for a part of a data-block.
    package var owner: String?
    /// Whether the .blend holds a copy, so that the file itself is not needed.
    package var isPacked: Bool

    package init(kind: Kind, path: String, owner: String? = nil, isPacked: Bool = false) {
        self.kind = kind
        self.path = path
        self.owner = owner
        self.isPacked = isPacked
    }
}
