import Farm
import Glibc
import Subprocess
import SystemPackage

/// What one request wants of a Blender, as its keeper sees it.
struct Errand: Sendable {
    enum Order: Sendable {
        /// A line on standard input.
        case say(String)
        /// The request has all it wants, and Blender is ready for another. Without it Blender is ended.
        case keep
    }

    enum Outcome: Sendable {
        case kept
        case ended(TerminationStatus, BlenderTranscript, wasKept: Bool)
        /// It did not get that far.
        case failed(RenderFailure)
        case canceled
    }

    let opening: BlenderOpening
    /// Of a Blender that is started for this errand.
    let configuration: Configuration
    /// Where Blender is at home and puts what it writes.
    let directory: String
    let watch: FrameWatch
    let orders: AsyncStream<Order>
    /// Reads until Blender has done it, or ended.
    let read: @Sendable (inout OutputLines) async throws -> BlenderTranscript
    /// Nothing more will be heard of it.
    let over: @Sendable () -> Void

    /// What went wrong while it ran, or when it was to start.
    func outcome(of error: any Error) -> Outcome {
        switch error {
        case let failure as RenderFailure: .failed(failure)
        case let error as Errno:
            .failed(RenderFailure(.disk, "Blender's log can't be written: \(error)."))
        case _ where Task.isCancelled: .canceled
        default: .failed(opening.program.missing(error))
        }
    }
}

/// What a Blender was started for: it can do every errand for the same.
struct BlenderOpening: Hashable, Sendable {
    let program: BlenderProgram
    let script: RenderProgram
    /// Which scene, and all that is set in it, but for the frames.
    let arguments: [String]
    /// `nil` where there is no such file: Blender will say so.
    let file: FileIdentity?

    /// Reads the file's identity, now.
    init(_ program: BlenderProgram, _ script: RenderProgram, _ request: RenderRequest) {
        self.program = program
        self.script = script
        // Python may not set negative frames: they are set when Blender is started, once.
        let isFixed = request.frames.first < 0
        arguments = script.arguments(for: request).filter { isFixed || !$0.hasPrefix("frames=") }
        file = FileIdentity(path: request.scene)
    }
}

/// Tells a file from another that takes its place, and from itself once it is written to.
struct FileIdentity: Hashable, Sendable {
    let device: UInt64
    let number: UInt64
    let byteCount: Int64
    /// Of the last change, since 1970.
    let changed: Duration

    init?(path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        number = UInt64(status.st_ino)
        byteCount = Int64(status.st_size)
        changed =
            .seconds(status.st_mtim.tv_sec) + .nanoseconds(status.st_mtim.tv_nsec)
    }
}
