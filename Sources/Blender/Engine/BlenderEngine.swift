package import Farm

/// Renders by running Blender: one process for a chunk of frames.
///
///     Blender ──stdout──▶ reader ──frames──▶ check ─▶ store     (while the next frame renders)
///        ▲                   └─▶ log
///        └─ ended as a group ── watch (frame too long) · cancellation · a failed store
///
/// What counts is the files, not what Blender prints or how it exits: when every frame's picture
/// is whole and stored the render has succeeded.
package struct BlenderEngine: RenderEngine {
    /// The engine's bounds, each with its reason.
    package struct Limits: Hashable, Sendable {
        /// Between SIGTERM and SIGKILL: Blender ends at once on SIGTERM unless it hangs.
        package var grace: Duration = .seconds(3)
        /// Frames saved and not yet stored, before Blender is left waiting: their pictures lie
        /// on the disk.
        package var waitingFramesMax = 32
        /// A disk with less room than this is full: a write that fails may leave a few blocks.
        package var freeByteCountMin: Int64 = 64 << 10

        package init() {}
    }

    let program: BlenderProgram
    let limits: Limits
    /// Hears how far the frame in progress is, and `nil` when Blender has ended.
    let told: @Sendable (FrameProgress?) -> Void

    package init(
        _ program: BlenderProgram = BlenderProgram(), limits: Limits = Limits(),
        told: @escaping @Sendable (FrameProgress?) -> Void = { _ in }
    ) {
        self.program = program
        self.limits = limits
        self.told = told
    }

    /// Its version was not asked: `BlenderShelf` knows those of several.
    package func blender(for _: RenderSettings) -> BlenderVersion? { nil }

    package func render(
        _ request: RenderRequest,
        store: @Sendable (RenderedFrame) async throws(PortError) -> Void
    ) async throws(RenderStop) {
        try await render(request, by: .frames, store: store)
    }

    /// Renders by a program of ours that leaves the frames' pictures where the request wants them.
    func render(
        _ request: RenderRequest, by script: RenderProgram,
        store: (RenderedFrame) async throws(PortError) -> Void
    ) async throws(RenderStop) {
        precondition(
            [request.scene, request.directory, request.log].allSatisfy { $0.hasPrefix("/") },
            "A request's paths are absolute: Blender has another working directory.")
        guard !Task.isCancelled else { throw .canceled }
        let run = BlenderRun(program, request, script, limits)
        var missing = Array(request.frames.frames)
        // Each frame takes a credit and gives it back when it is stored, so that a slow store
        // stops Blender only when `waitingFramesMax` pictures wait.
        let (credits, returned) = AsyncStream.makeStream(of: Void.self)
        for _ in 0..<limits.waitingFramesMax { returned.yield() }
        defer { told(nil) }
        let reader = FrameReader(
            request: request, watch: run.watch, credits: credits, told: told)
        let ending = try await run.run(reader) { (frames, _) throws(RenderStop) in
            defer { returned.finish() }
            for await frame in frames {
                let picture = try check(frame, of: request)
                try await deliver(frame, picture, of: request, store)
                missing.removeAll { $0 == frame.number }
                returned.yield()
            }
        }
        var faults: [(frame: Int, fault: PictureFault)] = []
        for number in missing where !Task.isCancelled {
            // Blender did not say that it saved this frame, but some versions say nothing.
            let frame = FinishedFrame(
                number: number, duration: ending.rest / missing.count,
                isCropped: ending.seen.isCropped)
            switch inspect(frame, of: request) {
            case .success(let picture): try await deliver(frame, picture, of: request, store)
            case .failure(let fault): faults.append((number, fault))
            }
        }
        guard !Task.isCancelled || missing.isEmpty else { throw .canceled }
        guard let first = faults.first else { return }
        let diagnosis = Diagnosis(
            request: request, ending: ending, isDiskFull: isDiskFull(request),
            piece: "frame \(first.frame)", fault: first.fault)
        throw .failed(diagnosis.failure)
    }

    /// A frame's picture, which Blender says is saved.
    private func check(
        _ frame: FinishedFrame, of request: RenderRequest
    ) throws(RenderStop) -> PictureCheck.Finding {
        switch inspect(frame, of: request) {
        case .success(let picture):
            return picture
        case .failure(let fault):
            let message = "Blender says that it saved frame \(frame.number), but \(fault)."
            throw .failed(
                isDiskFull(request)
                    ? Diagnosis.diskFull(request, detail: message)
                    : RenderFailure(.noPicture, message))
        }
    }

    private func inspect(
        _ frame: FinishedFrame, of request: RenderRequest
    ) -> Result<PictureCheck.Finding, PictureFault> {
        let settings = request.settings
        let check = PictureCheck(
            format: settings.format, size: frame.isCropped ? nil : PixelSize(settings.resolution))
        do {
            return .success(try check.check(request.path(of: frame.number)))
        } catch {
            return .failure(error)
        }
    }

    private func deliver(
        _ frame: FinishedFrame, _ picture: PictureCheck.Finding, of request: RenderRequest,
        _ store: (RenderedFrame) async throws(PortError) -> Void
    ) async throws(RenderStop) {
        let extras: [RenderedFrame.Extra]
        do {
            extras = try request.extras(of: frame.number)
        } catch {
            throw .failed(
                isDiskFull(request) ? Diagnosis.diskFull(request, detail: error.message) : error)
        }
        let rendered = RenderedFrame(
            number: frame.number, path: request.path(of: frame.number),
            byteCount: picture.byteCount,
            duration: frame.duration, opening: frame.opening, isBlank: picture.isBlank ?? false,
            extras: extras)
        do {
            try await store(rendered)
        } catch {
            throw Task.isCancelled ? .canceled : .storing(error)
        }
    }

    func isDiskFull(_ request: RenderRequest) -> Bool {
        freeByteCount(at: request.directory).map { $0 < limits.freeByteCountMin } ?? false
    }
}

extension RenderRequest {
    /// Where Blender puts a frame's picture: as `FrameName` names it, which pads like `####`.
    func path(of number: Int) -> String {
        let name = FrameName(job: JobID("-"), number: number, format: settings.format)
        return "\(directory)/\(name.fileName)"
    }
}
