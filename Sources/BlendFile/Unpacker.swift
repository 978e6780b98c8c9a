/// One of the two codecs' streams.
protocol Unpacker {
    /// Unpacks a part of `packed`, which goes on where the last part consumed ended. Nothing consumed
    /// and nothing unpacked means that more input is needed.
    func unpack(_ packed: ArraySlice<UInt8>, countMax: Int) throws(UnpackFailure) -> UnpackStep
}

struct UnpackStep {
    var bytes: [UInt8]
    var consumedCount: Int
}

struct UnpackFailure: Error {
    var reason: String
}
