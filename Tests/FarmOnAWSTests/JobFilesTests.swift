import AWS
import Farm
import FarmTesting
import FoundationEssentials
import Testing

@testable import FarmOnAWS

@Suite(.needsCloud) struct `A job's files in S3` {
    private struct Stage {
        let s3: S3
        let bucket: String
        let files: S3JobFiles
        let job = JobID("a-1a2b3c4d")

        init() async throws {
            let cloud = try TestCloud()
            bucket = try await cloud.makeBucket(isVersioned: false)
            s3 = S3(cloud.client)
            files = S3JobFiles(s3, bucket: bucket)
        }

        func put(_ name: String, _ bytes: [UInt8]) async throws {
            try await s3.putObject(
                S3.Object(bucket: bucket, key: name), .bytes(bytes))
        }

        func frames() async throws -> [S3JobFiles.File] {
            try await files.files(of: job, picturesOnly: true)
        }
    }

    @Test func `arrive completely, and are downloaded once`() async throws {
        let stage = try await Stage()
        try await stage.put("jobs/a-1a2b3c4d/frames/frame_0001.png", [1, 2, 3])
        let others = ["contact-sheet.jpg", "extras/Z pass/z0001.exr", "thumbnails/frame_0001.jpg"]
        for name in others { try await stage.put("jobs/a-1a2b3c4d/\(name)", [4]) }
        try await stage.put("logs/a-1a2b3c4d/task-000001.1.log.gz", [9])
        let names = Array(others.prefix(2)) + ["frames/frame_0001.png"]
        let file = try #require(try await stage.frames().last)
        #expect(file.name == "frames/frame_0001.png" && file.byteCount == 3)
        #expect(try await stage.frames().map(\.name) == names)
        #expect(
            try await stage.files.files(of: stage.job, picturesOnly: false).map(\.name)
                == names + [others[2], "logs/task-000001.1.log.gz"])
        try await withTemporaryDirectory { directory in
            let path = directory + "/frame_0001.png"
            #expect(try await stage.files.fetch(file, to: path) == .new)
            #expect(try await stage.files.fetch(file, to: path) == .present)
            // The same length with other bytes, for example a truncated and padded picture.
            try Data([1, 2, 4]).write(to: URL(filePath: path))
            #expect(try await stage.files.fetch(file, to: path) == .new)
            #expect([UInt8](try Data(contentsOf: URL(filePath: path))) == [1, 2, 3])
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: directory)
                    == ["frame_0001.png"])
        }
    }

    @Test func `are recognized when they were uploaded in parts`() async throws {
        let stage = try await Stage()
        let plan = MultipartPlan(singleBytesMax: 1 << 20, partBytes: 5 << 20)
        let bytes = (0..<(11 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        try await withTemporaryDirectory { directory in
            let path = directory + "/large.exr"
            try Data(bytes).write(to: URL(filePath: path))
            let stored = try await stage.s3.upload(
                S3.FileUpload(
                    path, to: S3.Object(bucket: stage.bucket, key: "large.exr"), plan: plan))
            #expect(stored.etag.contains("-3"))
            #expect(
                try await stage.s3.matches(
                    file: path, size: Int64(bytes.count), etag: stored.etag, parts: plan))
            try Data(bytes.dropLast() + [0]).write(to: URL(filePath: path))
            #expect(
                try await !stage.s3.matches(
                    file: path, size: Int64(bytes.count), etag: stored.etag, parts: plan))
        }
    }

    @Test func `that were replaced after they were listed are refused`() async throws {
        let stage = try await Stage()
        try await stage.put("jobs/a-1a2b3c4d/frames/frame_0001.png", [1, 2, 3])
        let file = try #require(try await stage.frames().first)
        try await stage.put("jobs/a-1a2b3c4d/frames/frame_0001.png", [4, 5, 6])
        try await withTemporaryDirectory { directory in
            await #expect(throws: PortError.self) {
                try await stage.files.fetch(file, to: directory + "/a.png")
            }
            let left = try FileManager.default.contentsOfDirectory(atPath: directory)
            #expect(left.isEmpty)
        }
    }

    @Test func `include logs with Blender's output`() async throws {
        let stage = try await Stage()
        let text = Array(String(repeating: "Fra:1 Mem:8M\n", count: 20_000).utf8)
        let key = try await S3FrameStore(stage.s3, bucket: stage.bucket).storeLog(
            text, of: TaskID(job: stage.job, number: 1), token: FencingToken(1))
        #expect(try await stage.files.log(at: key) == text)
        #expect(try await stage.files.log(at: "jobs/nowhere") == nil)
        try await stage.put("logs/broken.gz", Array(Gzip.compress(text).dropLast(9)))
        await #expect(throws: PortError.self) {
            try await stage.files.log(at: "logs/broken.gz")
        }
    }
}
