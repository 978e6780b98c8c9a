import ArgumentParser
import Presentation
import Farm
import FarmOnAWS
import Foundation
import Synchronization

/// Fetches what a job has rendered.
struct Download: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Fetches a job's frames into a folder, and checks each.",
        discussion: """
            The job's contact sheet and video come along, and in a folder “extras” what the scene's \
            File Output nodes wrote. Files that are there already are kept when they are the same, so that a download that broke off goes \
            on where it was. May be called while the job is under way.

              spotrender download shot-1a2b3c4d frames
              spotrender download shot-1a2b3c4d everything --all
            """)

    @Argument(help: "The job, as in shot-1a2b3c4d.")
    var job: String
    @Argument(help: "The folder; made when it is not there.", completion: .directory)
    var folder: String
    @Flag(help: "All that the job left, thumbnails and logs too, in folders of their own.")
    var all = false
    @OptionGroup var output: JSONOption
    @OptionGroup var options: FarmOptions

    func run() async throws {
        let connection = try options.connect()
        let found = try await connection.job(JobID(job))
        let files = try await connection.files.files(of: found.id, picturesOnly: !all)
        let target = absolute(folder)
        let isWhole = all
        @Sendable func path(of file: S3JobFiles.File) -> String {
            let isBare = !isWhole && file.name.hasPrefix("frames/")
            return "\(target)/\(isBare ? String(file.name.dropFirst("frames/".count)) : file.name)"
        }
        for folder in Set(files.map { URL(filePath: path(of: $0)).deletingLastPathComponent() })
            .union([URL(filePath: target)])
        {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true)
        }
        let fetched = try await fetch(files, connection, to: path)
        let document = DownloadDocument(
            job: found.id.rawValue, folder: target, filesFetched: fetched.count,
            filesPresent: files.count - fetched.count,
            bytesFetched: fetched.reduce(0) { $0 + $1.byteCount }, framesLeft: found.framesToCome)
        if output.json { return try sayJSON(document) }
        say(
            "Fetched \(Format.count(document.filesFetched, "file")) into \(target). "
                + "\(document.filesPresent) were there already. All are checked.")
        if found.framesToCome > 0, !found.state.isSettled {
            say(
                "\(Format.count(found.framesToCome, "frame")) left to render: "
                    + "run the command again later.")
        }
    }

    /// The files that were not there yet.
    private func fetch(
        _ files: [S3JobFiles.File], _ connection: Connection,
        to path: @escaping @Sendable (S3JobFiles.File) -> String
    ) async throws -> [S3JobFiles.File] {
        let isShown = Terminal.isThere && !output.json
        let count = Mutex(0)
        let fetched = try await inParallel(files, concurrencyMax: 8) { file in
            let fetched = try await connection.files.fetch(file, to: path(file))
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
