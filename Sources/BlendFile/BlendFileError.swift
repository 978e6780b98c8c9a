/// The reason why a .blend could not be read.
///
/// `description` is a sentence for the person who uploaded the file. Offsets are in bytes of the
/// content, after decompression.
package enum BlendFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file has no bytes.
    case empty
    /// The content does not begin like a Blender file. `looksLike` names the probable format.
    case notABlend(looksLike: String?)
    /// The content ends too early, for example after an incomplete upload.
    case truncated(at: Int64)
    /// The content contradicts itself.
    case corrupt(at: Int64, reason: String)
    /// The file may be valid, but this reader does not know its format.
    case unsupported(reason: String)
    /// Reading on would exceed a bound of `BlendReader.Limits`.
    case tooLarge(Bound)
    /// The file has no scene of its own, like an asset library.
    case noScene
    /// The bytes could not be read.
    case source(ByteSourceError)

    /// A bound of `BlendReader.Limits` that was reached.
    package enum Bound: Hashable, Sendable {
        case bytesRead(Int64)
        case reads(Int)
        case unpackedBytes(Int64)
        case blocks(Int)
        case scenes(Int)
        case references(Int)
    }

    package var description: String {
        switch self {
        case .empty:
            "The file is empty. Upload it again."
        case .notABlend(let looksLike?):
            "This is not a Blender file, but seems to be \(looksLike). Upload the .blend itself."
        case .notABlend(nil):
            "This is not a Blender file. Check that the right file was uploaded."
        case .truncated(let offset):
            "The Blender file ends too early, at byte \(offset). Upload it again."
        case .corrupt(let offset, let reason):
            """
            The Blender file is damaged at byte \(offset) (\(reason)): open it in Blender, save it \
            and upload it again.
            """
        case .unsupported(let reason):
            """
            This kind of Blender file can't be read (\(reason)): save it with a current Blender \
            and upload it again.
            """
        case .tooLarge(let bound):
            """
            The Blender file is too large to inspect (more than \(bound)): leave out what the \
            render doesn't need, save it with a current Blender and upload it again.
            """
        case .noScene:
            "The Blender file has no scene of its own, so there is nothing to render."
        case .source(let error):
            error.description
        }
    }
}

extension BlendFileError.Bound: CustomStringConvertible {
    package var description: String {
        switch self {
        case .bytesRead(let count): "\(count) bytes read"
        case .reads(let count): "\(count) reads"
        case .unpackedBytes(let count): "\(count) bytes unpacked"
        case .blocks(let count): "\(count) blocks"
        case .scenes(let count): "\(count) scenes"
        case .references(let count): "\(count) referenced files"
        }
    }
}
