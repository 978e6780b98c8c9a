extension BlendReader {
    /// Every bound the reader keeps, in one place, each with its reason.
    ///
    /// What a summary costs: of a plain or seekable file, which is all that Blender 3.0 and later
    /// writes, the start with its scenes and the end with its catalogue of structures, 256 KiB
    /// each; then, for the files it refers to, its block heads, past what lies between them. Of a
    /// seekable file that is nearly all: a frame is unpacked whole or not at all. A gzip file, or
    /// Zstandard without a seek table, must be read and unpacked whole, twice.
    package struct Limits: Hashable, Sendable {
        /// The size of a first read, about what one request to S3 returns in its time to first
        /// byte. A factory file's scene is 300 KB into the file.
        package var windowBytes = 256 * 1024
        /// The size of a read after a jump past a large block.
        package var jumpBytes = 64 * 1024
        /// Reads that go on where the last one ended double up to this, so that a long walk takes
        /// few requests. At most four such windows are in memory.
        package var windowBytesMax = 4 * 1024 * 1024
        /// Twelve seconds at S3's usual 90 MB/s: a fraction of a Lambda's time.
        package var bytesReadMax: Int64 = 1 << 30
        /// At 30 ms a request, also a fraction of a Lambda's time.
        package var readsMax = 1024
        /// Against bombs: unpacking this much takes about ten seconds. Memory stays the same.
        package var unpackedBytesMax: Int64 = 4 << 30
        /// One piece of a seekable file, packed or not. Blender's are 1 MiB unpacked.
        package var frameBytesMax = 8 * 1024 * 1024
        /// Pieces in a seekable file, so that their table stays below 3 MiB. Enough for 256 GiB.
        package var framesMax = 1 << 18
        /// A scene of 10 GB has about a million; this many take two seconds.
        package var blocksMax = 8_000_000
        /// A film's file has tens.
        package var scenesMax = 1024
        /// One scene's or the file's own settings. Blender 5.0's scene has 6,944 bytes.
        package var settingsBytesMax = 64 * 1024
        /// What a scene points to is kept up to this size. Blender 3.4's sequencer has 3,232 bytes.
        package var scenePartBytesMax = 4096
        /// With the size above, 8 MiB. A scene has tens before its collections' members follow.
        package var scenePartsMax = 2048
        /// The catalogue of structures. Blender 5.0's has 131,916 bytes.
        package var catalogueBytesMax = 4 * 1024 * 1024

        /// Files that a file refers to. A film's set has some thousands.
        package var referencesMax = 50_000

        package init() {}

        /// For a file on a local disc, where a read costs microseconds: a scene of thousands of
        /// meshes is looked through, too.
        package static var local: Limits {
            var limits = Limits()
            limits.readsMax = 1 << 20
            // As many reads past large blocks.
            limits.bytesReadMax = 64 << 30
            return limits
        }
    }
}
