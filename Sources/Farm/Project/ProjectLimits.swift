/// How much a project may hold, each bound with its reason.
package struct ProjectLimits: Hashable, Sendable {
    /// A film's shot has some thousands of files. The splitter asks S3 for each one: its header in a
    /// zip, or whether it is stored; at 30 ms a request, ten of a Lambda's fifteen minutes.
    package var entriesMax = 20_000
    /// Linux's most for a path, with room for the worker's own folder.
    package var pathBytesMax = 3000
    /// Linux's most for a name.
    package var nameBytesMax = 255
    /// Unpacked, in all: more than a worker's disk.
    package var bytesMax: Int64 = 256 << 30
    /// Against bombs. Deflate packs nothing closer than 1,032 to 1, and no real project is near
    /// that: scenes pack 2 to 20 to 1, pictures hardly at all.
    package var ratioMax: Int64 = 200
    /// Unpacked, in all, whatever the ratio: an empty canvas packs well, and this much harms nobody.
    package var bytesFree: Int64 = 1 << 30
    /// All .blends together, which the splitter puts on its disk to read them.
    package var sceneBytesMax: Int64 = 8 << 30
    /// Of a stored project's listing, which is read into memory whole: all entries with long paths.
    package var listingBytesMax: Int64 = 16 << 20

    package init() {}
}
