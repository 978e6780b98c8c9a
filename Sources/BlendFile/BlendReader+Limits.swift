extension BlendReader {
    /// All bounds of the reader, each with its reason.
    ///
    /// The cost of a summary: Blender 3.0 and later write plain or seekable files. Of them the
    /// reader reads the start with the scenes and the end with the catalogue of structures, 256 KiB
    /// each. Then, for the referenced files, it reads the block heads and skips the bodies. In a
    /// seekable file that is nearly everything, because a frame can only be decompressed as a
    /// whole. A gzip file, or Zstandard without a seek table, must be read and decompressed
    /// completely, twice.
    package struct Limits: Hashable, Sendable {
        /// The size of a first read, in bytes: about as much as S3 sends in the time that it needs
        /// for the first byte. In Blender's default file, the scene begins after 300 KB.
        package var windowBytes = 256 * 1024
        /// The size of a read after a jump past a large block, in bytes.
        package var jumpBytes = 64 * 1024
        /// Adjacent reads double in size up to this bound, so that a long walk takes few requests.
        /// At most four windows of this size are in memory.
        package var windowBytesMax = 4 * 1024 * 1024
        /// Bytes read: twelve seconds at S3's usual 90 MB/s, a fraction of a Lambda's time.
        package var bytesReadMax: Int64 = 1 << 30
        /// Reads. At 30 ms a request they also take a fraction of a Lambda's time.
        package var readsMax = 1024
        /// Bytes after decompression, against bombs. Decompressing this much takes about ten
        /// seconds and no more memory.
        package var unpackedBytesMax: Int64 = 4 << 30
        /// Bytes of one frame of a seekable file, compressed or not. Blender's frames have 1 MiB.
        package var frameBytesMax = 8 * 1024 * 1024
        /// Frames of a seekable file. Their table stays below 3 MiB. Enough for 256 GiB.
        package var framesMax = 1 << 18
        /// Blocks. A file of 10 GB has about a million. This many take two seconds.
        package var blocksMax = 8_000_000
        /// Scenes. A film's file has tens.
        package var scenesMax = 1024
        /// Bytes of a scene or of the file's settings. Blender 5.0's scene has 6,944.
        package var settingsBytesMax = 64 * 1024
        /// Bytes of a block to which a scene may point. Blender 3.4's sequencer has 3,232.
        package var scenePartBytesMax = 4096
        /// How many of these blocks are kept: 8 MiB in total. A scene has tens before its
        /// collections' members follow.
        package var scenePartsMax = 2048
        /// Bytes of the catalogue of structures. Blender 5.0's has 131,916.
        package var catalogueBytesMax = 4 * 1024 * 1024

        /// Referenced files. A film's set has several thousand.
        package var referencesMax = 50_000

        package init() {}

        /// For a file on a local disk, where a read takes microseconds. Then a scene with thousands
        /// of meshes is searched too.
        package static var local: Limits {
            var limits = Limits()
            limits.readsMax = 1 << 20
            // One read for each large block.
            limits.bytesReadMax = 64 << 30
            return limits
        }
    }
}
