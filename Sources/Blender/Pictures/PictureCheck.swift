package import Farm

/// Checks whether a file is one complete picture of the expected size.
///
/// On a full disk Blender leaves an empty file, prints `Saved` and exits with 0. So a frame is done
/// only when its file was read to the end:
///
/// | format | what is checked |
/// |---|---|
/// | PNG | every chunk's CRC; the pixels inflate to exactly the right count; nothing after |
/// | JPEG | every segment, the scan's markers, the end marker |
/// | OpenEXR | header, offset table, every block within the file |
/// | TIFF, WebP | the frame of the file, and its length |
///
/// Files are read in pieces, so memory does not grow with the picture: see `PictureLimits`. The
/// size is compared before the pixels are read.
package struct PictureCheck: Hashable, Sendable {
    package let format: ImageFormat
    /// `nil` when the size is not known, as in a scene that crops its pictures to a border.
    package let size: PixelSize?
    /// The largest accepted size. `nil` when nothing is known.
    package let sizeMax: PixelSize?

    package init(format: ImageFormat, size: PixelSize?, sizeMax: PixelSize? = nil) {
        self.format = format
        self.size = size
        self.sizeMax = sizeMax
    }

    /// The check of a frame, slice or stored picture of these settings.
    ///
    /// - Parameter isExact: False for pictures that may be cropped to a border.
    init(_ settings: RenderSettings, format: ImageFormat? = nil, isExact: Bool) {
        let size = PixelSize(settings.resolution)
        self.init(
            format: format ?? settings.format, size: isExact ? size : nil, sizeMax: size)
    }

    var asked: AskedSize { AskedSize(exact: size, limit: sizeMax) }

    /// Facts about a complete picture.
    package struct Finding: Hashable, Sendable {
        package let byteCount: Int64
        /// `nil` for WebP: the check does not read that far.
        package let size: PixelSize?
        /// Every pixel is black, or every pixel is fully transparent. `nil` where the pixels are
        /// not unpacked: JPEG, WebP, and compressions of OpenEXR and TIFF other than zlib's.
        package let isBlank: Bool?
    }

    @discardableResult
    package func check(_ path: String) throws(PictureFault) -> Finding {
        let file = try PictureFile(path: path)
        guard file.byteCount > 0 else { throw .empty }
        let found: PixelSize?
        var isBlank: Bool?
        switch format {
        case .png: (found, isBlank) = try PNGCheck.check(file, asked)
        case .jpeg: found = try JPEGCheck.check(file, asked)
        case .openEXR, .multilayerEXR: (found, isBlank) = try EXRCheck.check(file, asked)
        case .tiff: (found, isBlank) = try TIFFCheck.check(file, asked)
        case .webp: found = try WebPCheck.check(file)
        }
        return Finding(byteCount: file.byteCount, size: found, isBlank: isBlank)
    }
}

extension PixelSize {
    /// The picture's size at a resolution: each side times the percentage, rounded down
    /// (`BKE_render_resolution`), and at least one pixel.
    package init(_ resolution: Resolution) {
        self.init(
            width: max(1, resolution.width * resolution.percentage / 100),
            height: max(1, resolution.height * resolution.percentage / 100))
    }
}
