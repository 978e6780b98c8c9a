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
        let (placed, refusals) = places(of: files)
        for folder in Set(placed.map { RelativePath.folder(of: $0.path) }).union([folder]) {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
        }
        let fetched = try await fetch(placed)
        return DownloadDocument(
            job: job.id.rawValue, folder: folder, filesFetched: fetched.count,
            filesPresent: placed.count - fetched.count,
            bytesFetched: fetched.reduce(0) { $0 + $1.byteCount }, framesLeft: job.framesToCome,
            refusals: refusals.map(\.description))
    }

    private typealias PlacedFile = (file: S3JobFiles.File, path: String)

    /// Where each file belongs, and why the others are not downloaded.
    private func places(
        of files: [S3JobFiles.File]
    ) -> (placed: [PlacedFile], refusals: [DownloadFolder.Refusal]) {
        let target = DownloadFolder(path: folder)
        var placed: [PlacedFile] = []
        var refusals: [DownloadFolder.Refusal] = []
        for file in files {
            let isBare = !isComplete && file.name.hasPrefix("frames/")
            let name = isBare ? String(file.name.dropFirst("frames/".count)) : file.name
            do throws(DownloadFolder.Refusal) {
                placed.append((file, try target.path(of: name)))
            } catch {
                refusals.append(error)
            }
        }
        return (placed, refusals)
    }

    /// Returns the files that were not in the folder before.
    private func fetch(_ files: [PlacedFile]) async throws -> [S3JobFiles.File] {
        let count = Mutex(0)
        let fetched = try await inParallel(files, concurrencyMax: Self.requestsMax) { file, path in
            let fetched = try await connection.files.fetch(file, to: path)
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
        return zip(files, fetched).filter { $1 == .new }.map(\.0.file)
    }
}

extension DownloadDocument {
    var sentence: String {
        "Downloaded \(Format.count(filesFetched, "file")) to \(folder). "
            + "\(Format.count(filesPresent, "file")) existed already. All files are verified."
    }

    /// `nil` when each file has a place in the folder.
    var warning: String? {
        guard !refusals.isEmpty else { return nil }
        return "Not downloaded, because of their names:\n"
            + refusals.map { "  \($0)" }.joined(separator: "\n")
    }
}
