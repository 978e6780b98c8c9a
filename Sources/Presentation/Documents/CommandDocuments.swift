/// What `spotrender submit` uploaded.
package struct SubmissionDocument: Document, Hashable {
    /// Which of a folder's files were uploaded.
    package struct Upload: Encodable, Hashable, Sendable {
        let files: Int
        let bytes: Int64
        /// Files that the farm did not have yet.
        let newFiles: Int
        let newBytes: Int64

        package init(files: Int, bytes: Int64, newFiles: Int, newBytes: Int64) {
            self.files = files
            self.bytes = bytes
            self.newFiles = newFiles
            self.newBytes = newBytes
        }

        package var text: String {
            newFiles == 0
                ? "The farm has all \(Format.count(files, "file")) (\(Format.bytes(bytes))) already."
                : "Uploaded \(newFiles) of \(Format.count(files, "file")), "
                    + "\(Format.bytes(newBytes)) of \(Format.bytes(bytes))."
        }
    }

    let job: String
    /// On this machine.
    let file: String
    let bucket: String
    let framesTotal: Int
    /// Absent for a single file.
    let upload: Upload?

    package init(job: String, file: String, bucket: String, framesTotal: Int, upload: Upload?) {
        self.job = job
        self.file = file
        self.bucket = bucket
        self.framesTotal = framesTotal
        self.upload = upload
    }
}

/// What `spotrender download` fetched.
package struct DownloadDocument: Document, Hashable {
    package let job: String
    package let folder: String
    package let filesFetched: Int
    /// Files that were in the folder already.
    package let filesPresent: Int
    package let bytesFetched: Int64
    /// Frames of the job that are not rendered yet.
    package let framesLeft: Int
    /// Files that were not downloaded, each with the reason: their names lead out of the folder.
    package let refusals: [String]

    package init(
        job: String, folder: String, filesFetched: Int, filesPresent: Int, bytesFetched: Int64,
        framesLeft: Int, refusals: [String]
    ) {
        self.job = job
        self.folder = folder
        self.filesFetched = filesFetched
        self.filesPresent = filesPresent
        self.bytesFetched = bytesFetched
        self.framesLeft = framesLeft
        self.refusals = refusals
    }
}

/// Blender's log of one attempt.
package struct LogDocument: Document, Hashable {
    let job: String
    let task: Int
    let attempt: Int
    let worker: String
    /// How the attempt ended.
    let title: String
    let output: String

    package init(
        job: String, task: Int, attempt: Int, worker: String, title: String, output: String
    ) {
        self.job = job
        self.task = task
        self.attempt = attempt
        self.worker = worker
        self.title = title
        self.output = output
    }
}
