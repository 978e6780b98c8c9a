/// Bounds of a project, each with its reason.
package struct ProjectLimits: Hashable, Sendable {
    /// A film's shot has some thousands of files. The splitter asks S3 about each one: its header
    /// in a zip, or whether it is stored. At 30 ms a request that takes ten of a Lambda's fifteen
    /// minutes.
    package var entriesMax = 20_000
    /// Linux's limit for a path, minus the worker's own folder.
    package var pathBytesMax = 3000
    /// Linux's limit for a name.
    package var nameBytesMax = 255
    /// Unpacked size: more than a worker's disk.
    package var bytesMax: Int64 = 256 << 30
    /// Stops archive bombs. Deflate reaches at most 1,032 to 1, and no real project comes close:
    /// scenes pack 2 to 20 to 1, pictures hardly at all.
    package var ratioMax: Int64 = 200
    /// Unpacked size that is allowed at any ratio: empty pictures pack well, and this size does no
    /// harm.
    package var bytesFree: Int64 = 1 << 30
    /// All .blends together. The splitter reads them from its disk.
    package var sceneBytesMax: Int64 = 8 << 30
    /// Size of a stored project's listing, which is read into memory: all entries with long paths.
    package var listingBytesMax: Int64 = 16 << 20

    package init() {}
}
