/// Why a .blend could not be understood.
///
/// `description` is a sentence for the person who uploaded the file. Offsets count the bytes of the
/// content, after unpacking if the file is compressed.
package enum BlendFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file has no bytes.
    case empty
    /// The content does not begin as Blender's files do. `looksLike` names what it seems to be.
    case notABlend(looksLike: String?)
    /// The content ends before the file is whole, as after an upload that was cut off.
    case truncated(at: Int64)
    /// The content contradicts itself.
    case corrupt(at: Int64, reason: String)
    /// A file that may be good, of a kind this reader doesn't know.
    case unsupported(reason: String)
    /// Reading on would exceed a bound of `BlendReader.Limits`.
    case tooLarge(Bound)
    /// The file holds no scene of its own, as libraries of assets do.
    case noScene
    /// The bytes could not be had.
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
            "The file is empty: upload it again."
        case .notABlend(let looksLike?):
            "This is not a Blender file, but seems to be \(looksLike): upload the .blend itself."
        case .notABlend(nil):
            "This is not a Blender file: check that the right file was uploaded."
        case .truncated(let offset):
            "The Blender file ends too early, at byte \(offset): upload it again."
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
        case .references(let count): "\(count) files it refers to"
        }
    }
}
