/// Renders frames of a scene file on this machine.
package protocol RenderEngine: Sendable {
    /// The Blender that renders a file with these settings. `nil` where the engine has only one,
    /// whose version it does not know.
    func blender(for settings: RenderSettings) throws(RenderFailure) -> BlenderVersion?

    /// While `body` runs, the engine may keep a Blender and its open scene from one render to the
    /// next. None is left when this returns. Outside of it no Blender is kept.
    func withResidentBlender<Result, Failure: Error>(
        _ body: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result

    /// Renders the frames in order and stores each one as soon as its file is complete and
    /// verified.
    ///
    /// Ends within seconds when the calling task is canceled. Leaves no process behind when it
    /// throws. An error of `store` ends the render and is thrown as `.storing`.
    func render(
        _ request: RenderRequest,
        store: @Sendable (RenderedFrame) async throws(PortError) -> Void
    ) async throws(RenderError)
}

extension RenderEngine {
    /// For engines that keep no Blender.
    package func withResidentBlender<Result, Failure: Error>(
        _ body: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        try await body()
    }
}

package struct RenderRequest: Hashable, Sendable {
    /// Path of the .blend on this machine.
    package let scene: String
    package let settings: RenderSettings
    /// Which frames: a part of `settings.frames`.
    package let frames: FrameRange
    /// An empty directory for pictures; the caller removes it.
    package let directory: String
    /// Everything Blender prints goes into this new file.
    package let log: String
    /// A frame that takes longer ends the render as `.timeout`.
    package let frameLimit: FrameLimit

    package init(
        scene: String, settings: RenderSettings, frames: FrameRange, directory: String,
        log: String, frameLimit: FrameLimit
    ) {
        self.scene = scene
        self.settings = settings
        self.frames = frames
        self.directory = directory
        self.log = log
        self.frameLimit = frameLimit
    }
}

package struct RenderedFrame: Hashable, Sendable {
    package let number: Int
    package let path: String
    package let byteCount: Int64
    /// From the end of the frame before; for the first one from Blender's start, or from the
    /// request to a Blender that was kept.
    package let duration: Duration
    /// Of that, from Blender's start until it had the scene open; none for later frames, where it
    /// was open before, and where Blender did not tell.
    package let opening: Duration
    /// Black, or fully transparent, in every pixel, as far as that is looked at.
    package let isBlank: Bool
    /// What else the scene wrote for this frame, whole and verified too.
    package let extras: [Extra]
    package let use: MachineUse

    package struct Extra: Hashable, Sendable {
        /// Unlike that of any other file of the job: `File Output/depth0007.exr`.
        package let name: String
        package let path: String
        package let byteCount: Int64

        package init(name: String, path: String, byteCount: Int64) {
            self.name = name
            self.path = path
            self.byteCount = byteCount
        }
    }

    package init(
        number: Int, path: String, byteCount: Int64, duration: Duration, opening: Duration = .zero,
        isBlank: Bool = false, extras: [Extra] = [], use: MachineUse = MachineUse()
    ) {
        self.number = number
        self.path = path
        self.byteCount = byteCount
        self.duration = duration
        self.opening = opening
        self.isBlank = isBlank
        self.extras = extras
        self.use = use
    }

    /// Of the picture and the files beside it.
    package var storedByteCount: Int64 { extras.reduce(byteCount) { $0 + $1.byteCount } }
}

/// Why a render ended before its last frame.
package enum RenderError: Error, Hashable, Sendable {
    case failed(RenderFailure)
    /// A frame was rendered and could not be stored.
    case storing(PortError)
    /// The calling task was canceled.
    case canceled
}
