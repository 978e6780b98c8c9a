import Digest
import FoundationEssentials
import Testing

@Suite struct `A slice of a file` {
    @Test(arguments: [(0, 0), (0, 2_500_000), (1, 1), (1_048_575, 1_048_577), (2_499_999, 1)])
    func `has the hash of its bytes`(_ offset: Int, _ length: Int) async throws {
        let line = (0..<250).map { UInt8($0) }
        let bytes = [[UInt8]](repeating: line, count: 10_000).flatMap(\.self)
        let url = FileManager.default.temporaryDirectory.appending(
            path: "spotrender-\(UUID().uuidString)")
        try Data(bytes).write(to: url)
        let path = url.path(percentEncoded: false)
        #expect(try FileSlice(whole: path).length == 2_500_000)
        let slice = FileSlice(path: path, offset: Int64(offset), length: Int64(length))
        let hash = try await slice.sha256()
        #expect(hash == SHA256.hash(Array(bytes[offset..<(offset + length)])))
        let beyond = FileSlice(path: path, offset: 0, length: 2_500_001)
        let error = await #expect(throws: FileReadError.self) { try await beyond.sha256() }
        #expect(error?.code == 0)
        try FileManager.default.removeItem(at: url)
    }

    @Test func `is hashed together with the next slices`() async throws {
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 / 3) }
        let url = FileManager.default.temporaryDirectory.appending(
            path: "spotrender-\(UUID().uuidString)")
        try Data(bytes).write(to: url)
        let slices = [0..<2_000_000, 2_000_000..<2_999_999, 2_999_999..<3_000_000].map {
            FileSlice(
                path: url.path(percentEncoded: false), offset: Int64($0.lowerBound),
                length: Int64($0.count))
        }
        let (whole, parts) = try await FileSlice.sha256(of: slices)
        #expect(whole == SHA256.hash(bytes))
        #expect(parts[0] == SHA256.hash(Array(bytes[..<2_000_000])))
        #expect(parts[1] == SHA256.hash(Array(bytes[2_000_000..<2_999_999])))
        #expect(parts[2] == SHA256.hash(Array(bytes[2_999_999...])))
        #expect(try await FileSlice.sha256(of: []).whole == SHA256.hash([]))
        try FileManager.default.removeItem(at: url)
    }

    @Test func `of a missing file is an error`() {
        let error = #expect(throws: FileReadError.self) { try FileSlice(whole: "/nowhere/x") }
        #expect(error?.description == "/nowhere/x can't be read: No such file or directory")
    }
}
