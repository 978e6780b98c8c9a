/// A file outside the .blend that it refers to.
package struct FileReference: Hashable, Sendable {
    /// What the file is to the scene.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case image
        /// Pictures numbered by frame; `path` is one of them.
        case imageSequence = "image-sequence"
        /// `path` has `<UDIM>` or `<UVTILE>` in place of each tile's number.
        case imageTiles = "image-tiles"
        case movie
        /// Another .blend, of which data-blocks are linked.
        case library
        case font
        case sound
        /// Alembic or USD.
        case sceneCache = "scene-cache"
        /// OpenVDB.
        case volume
        /// As `volume`, numbered by frame; `path` is one of them.
        case volumeSequence = "volume-sequence"
        /// `path` is a folder.
        case fluidCache = "fluid-cache"
        /// Baked cloth, particles, soft or rigid bodies. `path` is a folder, in which `*` stands for
        /// the .blend's own name.
        case pointCache = "point-cache"
        /// MDD or PC2.
        case meshCache = "mesh-cache"
        /// `path` is a folder.
        case oceanCache = "ocean-cache"
        /// Geometry nodes' simulations and bakes. `path` is a folder.
        case nodesBake = "nodes-bake"
        /// An OSL shader.
        case script
        /// An IES lamp's light distribution.
        case lightProfile = "light-profile"
    }

    package var kind: Kind
    /// As stored: `//` stands for the .blend's folder, and Windows writes `\` for `/`.
    package var path: String
    /// The data-block that refers to it, by name; `nil` for what lies inside of one.
    package var owner: String?
    /// The .blend holds a copy, so that the file itself is not needed.
    package var isPacked: Bool

    package init(kind: Kind, path: String, owner: String? = nil, isPacked: Bool = false) {
        self.kind = kind
        self.path = path
        self.owner = owner
        self.isPacked = isPacked
    }
}
