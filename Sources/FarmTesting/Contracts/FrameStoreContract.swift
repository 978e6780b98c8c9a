package import Farm
import FoundationEssentials

/// Where the contract of `FrameStore` is checked.
package struct FrameStage: Sendable {
    package let frames: any FrameStore & FrameReader
    /// Goes into every job's name.
    package let run: String
    /// An empty directory of the test's own.
    package let directory: String

    package init(frames: any FrameStore & FrameReader, run: String, directory: String) {
        self.frames = frames
        self.run = run
        self.directory = directory
    }

    private func frame(_ number: Int) -> FrameName {
        FrameName(job: JobID("frames-\(run)"), number: number, format: .png)
    }

    private func file(_ bytes: [UInt8]) throws -> String {
        let path = directory + "/picture.png"
        try Data(bytes).write(to: URL(filePath: path))
        return path
    }

    package static let rules: [ContractRule<FrameStage>] = [
        ContractRule("A frame is there once it is stored, and again when replaced.") { stage in
            let path = try stage.file([1, 2, 3])
            try require(try await !stage.frames.contains(stage.frame(1)), "It is there before.")
            for _ in 1...2 {
                try await stage.frames.store(stage.frame(1), from: path)
                try require(try await stage.frames.contains(stage.frame(1)), "It is not there.")
            }
            try require(try await !stage.frames.contains(stage.frame(2)), "Another is there.")
        },
        ContractRule("A picture that can't be read is the disk's fault.") { stage in
            do {
                try await stage.frames.store(
                    stage.frame(3), from: stage.directory + "/nothing.png")
            } catch let error as PortError {
                try require(error.kind, equals: .disk, "the kind of \(error)")
                return try require(
                    try await !stage.frames.contains(stage.frame(3)), "The frame is there.")
            }
            throw ContractViolation("A picture that is not there was stored.")
        },
        ContractRule("Frames are listed and read back; a job's only, and in its format.") { stage in
            let job = JobID("list-\(stage.run)")
            let names = [-2, 7, 12_345].map { FrameName(job: job, number: $0, format: .png) }
            for name in names {
                try await stage.frames.store(name, from: try stage.file([UInt8](name.key.utf8)))
            }
            let others = [
                FrameName(job: job, number: 7, format: .jpeg),
                FrameName(job: JobID("list-\(stage.run)-more"), number: 8, format: .png),
            ]
            for other in others {
                try await stage.frames.store(other, from: try stage.file([1]))
            }
            let listed = try await stage.frames.frames(of: job, format: .png)
            try require(Set(listed), equals: Set(names), "the frames")
            for name in names {
                let bytes = try await stage.frames.picture(name)
                try require(bytes, equals: [UInt8](name.key.utf8), "the picture")
            }
            let none = try await stage.frames.picture(stage.frame(99))
            try require(none, equals: nil, "a picture that is not there")
            let path = stage.directory + "/fetched.png"
            try await stage.frames.download(names[0], to: path)
            let fetched = [UInt8](try Data(contentsOf: URL(filePath: path)))
            try require(fetched, equals: [UInt8](names[0].key.utf8), "the fetched picture")
            do {
                try await stage.frames.download(stage.frame(99), to: path + ".gone")
            } catch let error as PortError {
                return try require(error.kind, equals: .missing, "the kind of \(error)")
            }
            throw ContractViolation("A picture that is not there was fetched.")
        },
        ContractRule("A thumbnail is a frame's, a contact sheet the job's: no frames.") { stage in
            let frame = stage.frame(-12)
            let none = try await stage.frames.thumbnail(of: frame)
            try require(none, equals: nil, "a thumbnail that is not there")
            try await stage.frames.store(
                JobFile.thumbnail(of: frame), from: try stage.file([7, 8]))
            let bytes = try await stage.frames.thumbnail(of: frame)
            try require(bytes, equals: [7, 8], "the thumbnail")
            let sheet = try await stage.frames.contactSheet(of: frame.job)
            try require(sheet, equals: nil, "a contact sheet that is not there")
            try await stage.frames.store(
                JobFile.contactSheet(of: frame.job), from: try stage.file([9]))
            let made = try await stage.frames.contactSheet(of: frame.job)
            try require(made, equals: [9], "the contact sheet")
            try require(try await !stage.frames.contains(frame), "The frame is there.")
        },
        ContractRule("A file beside the frames is no frame, whatever its name.") { stage in
            let job = JobID("beside-\(stage.run)")
            let path = try stage.file([4, 5])
            for name in ["Größe #1/Z 100%0007.exr", "frame_0007.png"] {
                let extra = RenderedFrame.Extra(name: name, path: path, byteCount: 2)
                for _ in 1...2 {
                    try await stage.frames.store(JobFile.extra(extra, of: job), from: path)
                }
            }
            let frame = FrameName(job: job, number: 7, format: .png)
            try require(try await !stage.frames.contains(frame), "The frame is there.")
            let listed = try await stage.frames.frames(of: job, format: .png)
            try require(listed, equals: [], "the frames")
        },
        ContractRule("A frame is not there before all that was written with it.") { stage in
            let name = stage.frame(8)
            let path = try stage.file([1])
            let gone = stage.directory + "/gone.exr"
            for (extra, isKept) in [(gone, false), (path, true)] {
                let frame = RenderedFrame(
                    number: 8, path: path, byteCount: 1, duration: .seconds(1),
                    extras: [RenderedFrame.Extra(name: "Node/z.exr", path: extra, byteCount: 1)])
                do {
                    try await stage.frames.keep(frame, as: name)
                } catch let error as PortError {
                    try require(error.kind, equals: .disk, "the kind of \(error)")
                }
                let isThere = try await stage.frames.contains(name)
                try require(isThere, equals: isKept, "the frame")
            }
        },
        ContractRule("A log's key names its task and attempt.") { stage in
            let task = TaskID(job: JobID("logs-\(stage.run)"), number: 12)
            let key = try await stage.frames.storeLog(
                Array("Fra:1".utf8), of: task, token: FencingToken(3))
            try require(key, equals: task.logKey(FencingToken(3)), "the key")
        },
    ]
}
