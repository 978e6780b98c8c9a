/// The file format of a scene's frames.
package enum OutputFormat: Hashable, Sendable {
    case targa, targaRaw, iris, jpeg, png, bmp, radianceHDR, tiff, openEXR, openEXRMultilayer
    case cineon, dpx, jpeg2000, webP, dds, photoshop
    /// A movie in one file. Several machines can't render it frame by frame.
    case movie
    /// A number that this reader does not know.
    case other(Int)

    /// Makes a format from `ImageFormatData.imtype` (Blender's DNA_scene_types.h, R_IMF_IMTYPE_…).
    package init(imageType: Int) {
        self =
            switch imageType {
            case 0: .targa
            case 1, 7: .iris
            case 4: .jpeg
            case 14: .targaRaw
            case 17: .png
            case 20: .bmp
            case 21: .radianceHDR
            case 22: .tiff
            case 23: .openEXR
            case 26: .cineon
            case 27: .dpx
            case 28: .openEXRMultilayer
            case 29: .dds
            case 30: .jpeg2000
            case 34: .photoshop
            case 35: .webP
            // AVI, QuickTime and the frame server are from old versions of Blender. 31 to 33 and 36
            // are FFmpeg's codecs.
            case 5, 15, 16, 18, 19, 24, 25, 31, 32, 33, 36: .movie
            default: .other(imageType)
            }
    }

    /// Blender's identifier, for `blender --render-format` and Python. `nil` for movies and for
    /// unknown formats.
    package var identifier: String? {
        switch self {
        case .targa: "TARGA"
        case .targaRaw: "TARGA_RAW"
        case .iris: "IRIS"
        case .jpeg: "JPEG"
        case .png: "PNG"
        case .bmp: "BMP"
        case .radianceHDR: "HDR"
        case .tiff: "TIFF"
        case .openEXR: "OPEN_EXR"
        case .openEXRMultilayer: "OPEN_EXR_MULTILAYER"
        case .cineon: "CINEON"
        case .dpx: "DPX"
        case .jpeg2000: "JPEG2000"
        case .webP: "WEBP"
        case .dds, .photoshop, .movie, .other: nil
        }
    }
}
