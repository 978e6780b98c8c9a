/// A stream of one of the two codecs.
protocol Unpacker {
    /// Decompresses a part of `packed`, which continues where the last consumed part ended. When
    /// nothing was consumed and nothing decompressed, more input is needed.
    func unpack(_ packed: ArraySlice<UInt8>, countMax: Int) throws(UnpackFailure) -> UnpackStep
}

struct UnpackStep {
    var bytes: [UInt8]
    var consumedCount: Int
}

struct UnpackFailure: Error {
    var reason: String
}
