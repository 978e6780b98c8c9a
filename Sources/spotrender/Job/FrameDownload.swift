import Farm
import FarmOnAWS
import Foundation
import Presentation
import Synchronization

/// Downloads a job's files into a folder and checks each file.
struct FrameDownload {
    let connection: Connection
    /// The folder's absolute path.
    let folder: String
    /// Includes thumbnails and logs, and keeps the job's folders.
    var isComplete = false
    /// Shows a progress bar.
    let isShown: Bool

    private static let requestsMax = 8

    func run(_ job: Job) async throws -> DownloadDocument {
        let files = try await connection.files.files(of: job.id, picturesOnly: !isComplete)
        for folder in Set(files.map { URL(filePath: path(of: $0)).deletingLastPathComponent() })
            .union([URL(filePath: folder)])
        {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true)
        }
        let fetched = try await fetch(files)
        return DownloadDocument(
            job: job.id.rawValue, folder: folder, filesFetched: fetched.count,
            filesPresent: files.count - fetched.count,
            bytesFetched: fetched.reduce(0) { $0 + $1.byteCount }, framesLeft: job.framesToCome)
    }

    private func path(of file: S3JobFiles.File) -> String {
        let isBare = !isComplete && file.name.hasPrefix("frames/")
        return "\(folder)/\(isBare ? String(file.name.dropFirst("frames/".count)) : file.name)"
    }

    /// Returns the files that were not in the folder before.
    private func fetch(_ files: [S3JobFiles.File]) async throws -> [S3JobFiles.File] {
        let count = Mutex(0)
        let fetched = try await inParallel(files, concurrencyMax: Self.requestsMax) { file in
            let fetched = try await connection.files.fetch(file, to: path(of: file))
            guard isShown else { return fetched }
            count.withLock { count in
                count += 1
                let bar = Format.bar(Double(count) / Double(files.count), width: 30)
                let text = "\r\(bar) \(count) of \(files.count) files"
                FileHandle.standardOutput.write(
                    Data((text + (count == files.count ? "\n" : "")).utf8))
            }
            return fetched
        }
        return zip(files, fetched).filter { $1 == .new }.map(\.0)
    }
}

extension DownloadDocument {
    var sentence: String {
        "Downloaded \(Format.count(filesFetched, "file")) to \(folder). "
            + "\(Format.count(filesPresent, "file")) existed already. All files are verified."
    }
}
