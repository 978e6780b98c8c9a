/// Makes thumbnails, a contact sheet, and a video of consecutive frames from a job's frames.
package protocol Assembler: Sendable {
    /// Takes one frame after another, so that the disk need not hold all frames.
    ///
    /// Ends within seconds when the calling task is canceled, and leaves no process behind. The
    /// same request again gives the same pictures. What can't be made of these frames is left out
    /// with a note, and is no failure.
    ///
    /// - Parameters:
    ///   - fetch: Writes a frame's picture to a new file at this path, which the assembler then
    ///     owns. Returns false if the frame has no picture.
    ///   - store: Is handed each file as soon as it is whole.
    func assemble(
        _ request: AssemblyRequest,
        fetch: @Sendable (_ frame: Int, _ path: String) async throws(PortError) -> Bool,
        store: @Sendable (AssembledFile) async throws(PortError) -> Void
    ) async throws(RenderError) -> Assembled
}

package struct AssemblyRequest: Hashable, Sendable {
    /// Path of the .blend on this machine: how its pictures are to be looked at, and how fast.
    package let scene: String
    package let settings: RenderSettings
    /// The job's whole range, of which some may not be there.
    package let frames: FrameRange
    /// An empty directory for what is made; the caller removes it.
    package let directory: String
    /// Everything that programs print goes into this new file.
    package let log: String
    /// A step, which is a frame, the contact sheet or the video, that takes longer ends it as
    /// `.timeout`.
    package let stepDurationMax: Duration

    package init(
        scene: String, settings: RenderSettings, frames: FrameRange, directory: String,
        log: String, stepDurationMax: Duration
    ) {
        self.scene = scene
        self.settings = settings
        self.frames = frames
        self.directory = directory
        self.log = log
        self.stepDurationMax = stepDurationMax
    }
}

package struct AssembledFile: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case thumbnail(frame: Int)
        case contactSheet
        case video
    }

    package let kind: Kind
    package let path: String
    package let byteCount: Int64

    package init(_ kind: Kind, path: String, byteCount: Int64) {
        self.kind = kind
        self.path = path
        self.byteCount = byteCount
    }
}

/// What was found on the way.
package struct Assembled: Hashable, Sendable {
    /// Frames that are black or fully transparent, of all formats.
    package var blankFrames: [Int]
    /// What was left out, and why: a sentence each, for the job's owner.
    package var notes: [String]

    package init(blankFrames: [Int] = [], notes: [String] = []) {
        self.blankFrames = blankFrames
        self.notes = notes
    }
}
