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

    @Test func `that isn't there says so`() {
        let error = #expect(throws: FileReadError.self) { try FileSlice(whole: "/nowhere/x") }
        #expect(error?.description == "/nowhere/x can't be read: No such file or directory")
    }
}
