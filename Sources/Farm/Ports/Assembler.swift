/// Makes of a job's frames what a person looks at first: thumbnails, a contact sheet, and a video where
/// frames are consecutive.
package protocol Assembler: Sendable {
    /// Ends within seconds when the calling task is canceled, and leaves no process behind. The same request
    /// again gives equal files.
    ///
    /// What can't be made of these frames is left out with a note, and is no failure.
    func assemble(_ request: AssemblyRequest) async throws(RenderStop) -> Assembled
}

package struct AssemblyRequest: Hashable, Sendable {
    package let settings: RenderSettings
    /// The job's whole range, of which some may not be there.
    package let frames: FrameRange
    /// Paths on this machine, by frame number, of those that are.
    package let pictures: [Int: String]
    /// An empty directory for what is made; the caller removes it.
    package let directory: String
    /// Everything that programs print goes into this new file.
    package let log: String
    /// If it takes longer it ends as `.timeout`.
    package let durationMax: Duration

    package init(
        settings: RenderSettings, frames: FrameRange, pictures: [Int: String], directory: String,
        log: String, durationMax: Duration
    ) {
        self.settings = settings
        self.frames = frames
        self.pictures = pictures
        self.directory = directory
        self.log = log
        self.durationMax = durationMax
    }
}

/// What was made.
package struct Assembled: Hashable, Sendable {
    package struct File: Hashable, Sendable {
        package let path: String
        package let byteCount: Int64

        package init(path: String, byteCount: Int64) {
            self.path = path
            self.byteCount = byteCount
        }
    }

    /// By frame number.
    package var thumbnails: [Int: File]
    package var contactSheet: File?
    package var video: File?
    /// What was left out, and why: a sentence each, for the job's owner.
    package var notes: [String]

    package init(
        thumbnails: [Int: File] = [:], contactSheet: File? = nil, video: File? = nil,
        notes: [String] = []
    ) {
        self.thumbnails = thumbnails
        self.contactSheet = contactSheet
        self.video = video
        self.notes = notes
    }
}
