/// What Blender renders: the uploader's settings replace the scene's own.
package struct RenderSettings: Hashable, Sendable {
    /// The .blend's path in the archive that was uploaded; `nil` when the upload is the .blend.
    package var file: String?
    /// The scene inside the file.
    package var scene: String
    package var frames: FrameRange
    package var engine: Engine
    package var resolution: Resolution
    package var format: ImageFormat
    /// Only when the uploader set them; else the scene's own.
    package var samples: Int?
    package var camera: String?
    /// The missing files of the scene. The uploader allowed to render without them.
    package var missing: MissingFiles?
    /// The Blender that saved the file, without its patch number; `nil` where that is unknown.
    package var savedBy: BlenderVersion?

    package init(
        file: String? = nil, scene: String, frames: FrameRange, engine: Engine,
        resolution: Resolution, format: ImageFormat, samples: Int? = nil, camera: String? = nil,
        missing: MissingFiles? = nil, savedBy: BlenderVersion? = nil
    ) {
        self.file = file
        self.scene = scene
        self.frames = frames
        self.engine = engine
        self.resolution = resolution
        self.format = format
        self.samples = samples
        self.camera = camera
        self.missing = missing
        self.savedBy = savedBy
    }
}

/// Blender's name of a render engine. Any name is allowed, since add-ons bring their own engines.
package struct Engine: Hashable, Sendable {
    package let rawValue: String

    package init(_ rawValue: String) {
        self.rawValue = rawValue
    }

    package static let cycles = Engine("CYCLES")
    package static let eevee = Engine("BLENDER_EEVEE")
    package static let workbench = Engine("BLENDER_WORKBENCH")
}

/// Width and height in pixels, before Blender's percentage (1...) is applied.
package struct Resolution: Hashable, Sendable {
    package let width: Int
    package let height: Int
    package let percentage: Int

    package init(width: Int, height: Int, percentage: Int = 100) {
        self.width = width
        self.height = height
        self.percentage = percentage
    }
}

/// A still image format, by Blender's name for it. Movies are not frames.
package enum ImageFormat: String, Hashable, Sendable, CaseIterable {
    case png = "PNG"
    case jpeg = "JPEG"
    case openEXR = "OPEN_EXR"
    case multilayerEXR = "OPEN_EXR_MULTILAYER"
    case tiff = "TIFF"
    case webp = "WEBP"

    /// As Blender names the files it writes.
    package var fileExtension: String {
        switch self {
        case .png: "png"
        case .jpeg: "jpg"
        case .openEXR, .multilayerEXR: "exr"
        case .tiff: "tif"
        case .webp: "webp"
        }
    }

    package var contentType: String {
        switch self {
        case .png: "image/png"
        case .jpeg: "image/jpeg"
        case .openEXR, .multilayerEXR: "image/x-exr"
        case .tiff: "image/tiff"
        case .webp: "image/webp"
        }
    }
}
