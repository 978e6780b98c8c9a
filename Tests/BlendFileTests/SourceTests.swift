import Testing

@testable import BlendFile

@Suite struct `A source` {
    @Test func `that fails makes the summary fail, with the same hint to retry`() async {
        let error = ByteSourceError("Reading s3://input/a.blend was denied.", isRetryable: false)
        await #expect(throws: BlendFileError.source(error)) {
            try await BlendReader.summary(of: FaultySource(error: error))
        }
        #expect(BlendFileError.source(error).description == error.message)
    }

    @Test func `that returns too few bytes may be retried`() async throws {
        let error = await #expect(throws: BlendFileError.self) {
            try await BlendReader.summary(of: FaultySource())
        }
        guard case .source(let error) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error.isRetryable)
    }

    @Test func `on disk is read in ranges`() async throws {
        let file = try LocalFile(path: Fixture.folder + "make.py")
        #expect(try await file.read(0..<3) == Array("\"\"\"".utf8))
        #expect(try await file.read(3..<8) == Array("Makes".utf8))
        #expect(try await file.read(0..<0) == [])
        #expect(try await file.read(0..<file.byteCount).count == Int(file.byteCount))
    }

    @Test(arguments: [("no-such.blend", "No such file"), ("", "is not a file")])
    func `that can't be opened gives the reason`(_ name: String, words: String) throws {
        let error = #expect(throws: ByteSourceError.self) {
            _ = try LocalFile(path: Fixture.folder + name)
        }
        #expect(error?.message.contains(words) == true)
        #expect(error?.isRetryable == false)
    }
}

@Suite struct `An error` {
    @Test(arguments: [
        (BlendFileError.empty, "empty"), (.notABlend(looksLike: "a ZIP archive"), "a ZIP archive"),
        (.notABlend(looksLike: nil), "not a Blender file"), (.truncated(at: 77), "byte 77"),
        (.corrupt(at: 5, reason: "why not"), "byte 5 (why not)"),
        (.unsupported(reason: "so"), "(so)"), (.tooLarge(.reads(3)), "3 reads"),
        (.noScene, "nothing to render"),
    ])
    func `is a sentence for the person who uploaded the file`(
        _ error: BlendFileError, words: String
    ) {
        #expect(error.description.contains(words))
        #expect(error.description.hasSuffix("."))
    }
}
