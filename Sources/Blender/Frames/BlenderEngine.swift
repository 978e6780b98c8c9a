package import Farm
import FoundationEssentials

/// Renders by running Blender: one process for a scene, which its keeper may have from before.
///
///     Blender ──stdout──▶ reader ──frames──▶ check ─▶ store     (while the next frame renders)
///      ▲   ▲                 └─▶ log
///      │   └─ frames ── request
///      └─ ended as a group ── watch (frame too long) · cancellation · a failed store
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
    let keeper: ResidentBlender
    /// Hears how far the frame in progress is, and `nil` when Blender has ended.
    let told: @Sendable (FrameProgress?) -> Void

    package init(
        _ program: BlenderProgram = BlenderProgram(), limits: Limits = Limits(),
        keeper: ResidentBlender = ResidentBlender(),
        told: @escaping @Sendable (FrameProgress?) -> Void = { _ in }
    ) {
        self.program = program
        self.limits = limits
        self.keeper = keeper
        self.told = told
    }

    /// Its version was not asked: `InstalledBlenders` knows those of several.
    package func blender(for _: RenderSettings) -> BlenderVersion? { nil }

    package func keeping<Result, Failure: Error>(
        _ body: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        try await keeper.keeping(body)
    }

    package func render(
        _ request: RenderRequest,
        store: @Sendable (RenderedFrame) async throws(PortError) -> Void
    ) async throws(RenderError) {
        let frames = request.frames
        try await render(
            request, by: .frames, asking: "\(frames.first) \(frames.last) \(frames.step)",
            store: store)
    }

    /// Renders by a program of ours.
    ///
    /// - Parameter command: For a program that waits for one, and then for the next: such a Blender
    ///   works at its keeper's, since the request's directory goes with the request.
    func render(
        _ request: RenderRequest, by script: RenderProgram, asking command: String? = nil,
        store: (RenderedFrame) async throws(PortError) -> Void
    ) async throws(RenderError) {
        precondition(
            [request.scene, request.directory, request.log].allSatisfy { $0.hasPrefix("/") },
            "A request's paths are absolute: Blender has another working directory.")
        guard !Task.isCancelled else { throw .canceled }
        let homed = command == nil ? request : request.moved(to: keeper.home)
        let run = BlenderRun(program, homed, script, limits)
        var missing = Array(request.frames.frames)
        var faults: [(frame: Int, fault: PictureFault)] = []
        // Each frame takes a credit and gives it back when it is stored, so that a slow store
        // stops Blender only when `waitingFramesMax` pictures wait.
        let (credits, returned) = AsyncStream.makeStream(of: Void.self)
        for _ in 0..<limits.waitingFramesMax { returned.yield() }
        defer { told(nil) }
        let reader = FrameEventReader(
            request: homed, watch: run.watch, credits: credits, told: told)
        let ending = try await run.run(reader, by: keeper) { (events, orders) throws(RenderError) in
            defer { returned.finish() }
            if let command { orders.yield(.say(command)) }
            for await event in events {
                switch event {
                case .saved(let frame):
                    let picture = try check(frame, of: request)
                    try await deliver(frame, picture, of: request, store)
                    missing.removeAll { $0 == frame.number }
                    returned.yield()
                case .over(let seen):
                    guard !missing.isEmpty else { continue }
                    // Some versions do not say that they saved a frame.
                    let all = run.watch.endFrame()
                    let each = FrameWatch.Measure(
                        duration: all.duration / missing.count,
                        use: MachineUse(device: seen.device, memoryPeak: all.use.memoryPeak))
                    for number in missing where !Task.isCancelled {
                        let frame = FinishedFrame(
                            number: number, measure: each, isCropped: seen.isCropped)
                        switch inspect(frame, of: request) {
                        case .success(let picture):
                            try await deliver(frame, picture, of: request, store)
                            missing.removeAll { $0 == number }
                        case .failure(let fault): faults.append((number, fault))
                        }
                    }
                }
            }
            if missing.isEmpty { orders.yield(.keep) }
        }
        guard !missing.isEmpty else { return }
        guard !Task.isCancelled else { throw .canceled }
        guard let ending, let first = faults.first else {
            preconditionFailure("A Blender that leaves frames out is not kept.")
        }
        if ending.isBeforehand {
            return try await render(request, by: script, asking: command, store: store)
        }
        let diagnosis = Diagnosis(
            request: request, ending: ending, isDiskFull: isDiskFull(request),
            piece: "frame \(first.frame)", fault: first.fault)
        throw .failed(diagnosis.failure)
    }

    /// A frame's picture, which Blender says is saved.
    private func check(
        _ frame: FinishedFrame, of request: RenderRequest
    ) throws(RenderError) -> PictureCheck.Finding {
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
        fetch(frame, for: request)
        let settings = request.settings
        let check = PictureCheck(
            format: settings.format, size: frame.isCropped ? nil : PixelSize(settings.resolution))
        do {
            return .success(try check.check(request.path(of: frame.number)))
        } catch {
            return .failure(error)
        }
    }

    /// Fetches what a Blender has left at its keeper's: the picture, and what was written beside it.
    private func fetch(_ frame: FinishedFrame, for request: RenderRequest) {
        let there = request.moved(to: keeper.home)
        let files = FileManager.default
        do {
            if there.hasExtras(of: frame.number) {
                try files.createDirectory(
                    atPath: request.directory + "/extras", withIntermediateDirectories: true)
                try files.moveItem(
                    atPath: there.extrasFolder(of: frame.number),
                    toPath: request.extrasFolder(of: frame.number))
            }
            try files.moveItem(
                atPath: there.path(of: frame.number), toPath: request.path(of: frame.number))
        } catch {
            // It is not there, or can't be had: the check says so.
        }
    }

    private func deliver(
        _ frame: FinishedFrame, _ picture: PictureCheck.Finding, of request: RenderRequest,
        _ store: (RenderedFrame) async throws(PortError) -> Void
    ) async throws(RenderError) {
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
            duration: frame.measure.duration, opening: frame.measure.opening,
            isBlank: picture.isBlank ?? false, extras: extras, use: frame.measure.use)
        try await RenderError.during { () throws(PortError) in try await store(rendered) }
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

    /// With its pictures elsewhere.
    func moved(to directory: String) -> RenderRequest {
        RenderRequest(
            scene: scene, settings: settings, frames: frames, directory: directory, log: log,
            frameLimit: frameLimit)
    }
}
