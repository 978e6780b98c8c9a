/// Where frames and logs go. A frame is there under its name only when it is whole.
package protocol FrameStore: Sendable {
    func contains(_ frame: FrameName) async throws(PortError) -> Bool
    /// Uploads a picture; an earlier upload of the same frame is replaced by an equal one.
    func store(_ frame: FrameName, from path: String) async throws(PortError)
    /// The picture into a new file at `path`; `.missing` when there is none.
    func download(_ frame: FrameName, to path: String) async throws(PortError)
    /// Uploads a file beside the frames; an earlier one of its name is replaced.
    func store(_ file: JobFile, from path: String) async throws(PortError)
    /// Keeps an attempt's log, compressed; the answer is its key.
    func storeLog(
        _ text: [UInt8], of task: TaskID, token: FencingToken
    ) async throws(PortError) -> String
}

extension FrameStore {
    /// The frame last, so that one that is there has all that was written with it.
    package func keep(_ frame: RenderedFrame, as name: FrameName) async throws(PortError) {
        for extra in frame.extras {
            try await store(JobFile.extra(extra, of: name.job), from: extra.path)
        }
        try await store(name, from: frame.path)
    }
}

/// A file of a job beside its frames, as it is named in the output bucket.
package struct JobFile: Hashable, Sendable {
    package let job: JobID
    /// Within the job.
    package let name: String

    package init(job: JobID, name: String) {
        self.job = job
        self.name = name
    }

    /// `jobs/<job>/extras/File Output/depth0007.exr`
    package var key: String { "jobs/\(job)/\(name)" }

    package static func extra(_ extra: RenderedFrame.Extra, of job: JobID) -> JobFile {
        JobFile(job: job, name: extrasFolder + extra.name)
    }

    /// `jobs/<job>/thumbnails/frame_0001.jpg`
    package static func thumbnail(of frame: FrameName) -> JobFile {
        let stem = frame.fileName.split(separator: ".")[0]
        return JobFile(job: frame.job, name: "\(thumbnailsFolder)\(stem).jpg")
    }

    package static func contactSheet(of job: JobID) -> JobFile {
        JobFile(job: job, name: "contact-sheet.jpg")
    }

    package static func video(of job: JobID) -> JobFile {
        JobFile(job: job, name: "video.mp4")
    }

    package static let extrasFolder = "extras/"
    package static let thumbnailsFolder = "thumbnails/"

    package var contentType: String {
        let ending = name.split(separator: ".").last.map { $0.lowercased() }
        let format = ImageFormat.allCases.first { $0.fileExtension == ending }
        return format?.contentType ?? (ending == "mp4" ? "video/mp4" : "application/octet-stream")
    }
}

/// A frame of a job, as it is named in the output bucket.
package struct FrameName: Hashable, Sendable {
    package let job: JobID
    package let number: Int
    package let format: ImageFormat

    package init(job: JobID, number: Int, format: ImageFormat) {
        self.job = job
        self.number = number
        self.format = format
    }

    /// `jobs/<job>/frames/frame_0001.png`; four digits at least, as Blender pads `####`.
    package var key: String {
        Self.prefix(of: job) + fileName
    }

    package static func prefix(of job: JobID) -> String { "jobs/\(job)/frames/" }

    /// From a file's name; `nil` for one that is not a frame's in this format.
    package init?(job: JobID, fileName: String, format: ImageFormat) {
        let ending = ".\(format.fileExtension)"
        guard fileName.hasPrefix("frame_"), fileName.hasSuffix(ending),
            let number = Int(fileName.dropFirst("frame_".count).dropLast(ending.count))
        else { return nil }
        self.init(job: job, number: number, format: format)
    }

    package var fileName: String {
        let digits = String(number.magnitude)
        let padding = String(repeating: "0", count: max(0, 4 - digits.count))
        return "frame_\(number < 0 ? "-" : "")\(padding)\(digits).\(format.fileExtension)"
    }
}

extension TaskID {
    /// `logs/<job>/task-000012.3.log.gz`: a prefix of its own, by which the bucket lets logs
    /// expire.
    package func logKey(_ token: FencingToken) -> String {
        let digits = String(number)
        let padding = String(repeating: "0", count: max(0, 6 - digits.count))
        return "logs/\(job)/task-\(padding)\(digits).\(token).log.gz"
    }
}
