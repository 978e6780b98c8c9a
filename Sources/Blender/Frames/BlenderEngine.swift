package import Farm
import FoundationEssentials
import SystemPackage

/// Renders by running Blender: one process for a scene, which may be kept from an earlier request.
///
///     Blender ──stdout──▶ reader ──frames──▶ check ─▶ store     (while the next frame renders)
///      ▲   ▲                 └─▶ log
///      │   └─ frames ── request
///      └─ ended as a group ── watch (frame too long) · cancellation · a failed store
///
/// Only the files count, not what Blender prints or how it exits: the render has succeeded when
/// every frame's picture is complete and stored.
package struct BlenderEngine: RenderEngine {
    let program: BlenderProgram
    let limits: EngineLimits
    let resident: ResidentBlender
    /// Gets the progress of the frame that renders, and `nil` when the request is over.
    let onProgress: @Sendable (FrameProgress?) -> Void

    package init(
        _ program: BlenderProgram = BlenderProgram(), limits: EngineLimits = EngineLimits(),
        resident: ResidentBlender = ResidentBlender(),
        onProgress: @escaping @Sendable (FrameProgress?) -> Void = { _ in }
    ) {
        self.program = program
        self.limits = limits
        self.resident = resident
        self.onProgress = onProgress
    }

    /// This engine does not know its Blender's version. `InstalledBlenders` does.
    package func blender(for _: RenderSettings) -> BlenderVersion? { nil }

    package func withResidentBlender<Result, Failure: Error>(
        _ body: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        try await resident.withResidentBlender(body)
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

    /// Renders by one of our programs.
    ///
    /// Blender works in the home of the resident Blender, and pictures are moved to the request's
    /// directory: see `BlenderHome`.
    ///
    /// - Parameter line: For a program that waits for a line, and then for the next one.
    func render(
        _ request: RenderRequest, by script: RenderProgram, asking line: String? = nil,
        store: (RenderedFrame) async throws(PortError) -> Void
    ) async throws(RenderError) {
        precondition(
            [request.scene, request.directory, request.log].allSatisfy { $0.hasPrefix("/") },
            "A request's paths are absolute: Blender has another working directory.")
        guard !Task.isCancelled else { throw .canceled }
        let homed = request.moved(to: resident.home)
        // Each frame takes a credit and gives it back when it is stored. So a slow store stops
        // Blender only when `waitingFramesMax` pictures wait.
        let (credits, returned) = AsyncStream.makeStream(of: Void.self)
        for _ in 0..<limits.waitingFramesMax { returned.yield() }
        let session = session(
            script, homed, FrameEventReader(credits: credits, onProgress: onProgress))
        var delivery = FrameDelivery(request)
        defer { onProgress(nil) }
        let ending = try await session.run(by: resident) { () throws(RenderError) in
            defer { returned.finish() }
            if let line { session.send(line) }
            for await event in session.events {
                switch event {
                case .saved(let frame):
                    let picture = try check(frame, of: request)
                    try await deliver(frame, picture, of: request, store)
                    delivery.missing.removeAll { $0 == frame.number }
                    returned.yield()
                case .over(let seen):
                    try await deliverRest(&delivery, session, seen, store)
                case .step: break
                }
            }
            if delivery.missing.isEmpty { session.close(keepsBlender: true) }
        }
        guard !delivery.missing.isEmpty else { return }
        guard !Task.isCancelled else { throw .canceled }
        guard let ending, let first = delivery.faults.first else {
            preconditionFailure("A Blender that leaves out frames is not kept.")
        }
        if ending.isBeforehand {
            return try await render(request, by: script, asking: line, store: store)
        }
        let diagnosis = Diagnosis(
            request: request, ending: ending, isDiskFull: isDiskFull(request),
            piece: "frame \(first.frame)", fault: first.fault)
        throw .failed(diagnosis.failure)
    }

    func session(
        _ script: RenderProgram, _ request: RenderRequest, _ reader: any OutputReader
    ) -> BlenderSession {
        BlenderSession(BlenderCommand(program, script, request, grace: limits.grace), reader)
    }

    /// What a request has got so far.
    private struct FrameDelivery {
        let request: RenderRequest
        var missing: [Int]
        var faults: [(frame: Int, fault: PictureFault)] = []

        init(_ request: RenderRequest) {
            self.request = request
            missing = Array(request.frames.frames)
        }
    }

    /// Delivers the frames that Blender did not report as saved. Some versions never report frames.
    private func deliverRest(
        _ delivery: inout FrameDelivery, _ session: BlenderSession, _ seen: BlenderTranscript,
        _ store: (RenderedFrame) async throws(PortError) -> Void
    ) async throws(RenderError) {
        let missing = delivery.missing
        guard !missing.isEmpty else { return }
        let all = session.watch.endFrame()
        let each = FrameWatch.Measure(
            duration: all.duration / missing.count,
            use: MachineUse(device: seen.device, memoryPeak: all.use.memoryPeak))
        for number in missing where !Task.isCancelled {
            let frame = FinishedFrame(number: number, measure: each, isCropped: seen.isCropped)
            switch inspect(frame, of: delivery.request) {
            case .success(let picture):
                try await deliver(frame, picture, of: delivery.request, store)
                delivery.missing.removeAll { $0 == number }
            case .failure(let fault): delivery.faults.append((number, fault))
            }
        }
    }

    /// The picture of a frame that Blender reports as saved.
    private func check(
        _ frame: FinishedFrame, of request: RenderRequest
    ) throws(RenderError) -> PictureCheck.Finding {
        switch inspect(frame, of: request) {
        case .success(let picture):
            return picture
        case .failure(let fault):
            let message = "Blender reported frame \(frame.number) as saved, but \(fault)."
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
        let check = PictureCheck(request.settings, isExact: !frame.isCropped)
        do {
            return .success(try check.check(request.path(of: frame.number)))
        } catch {
            return .failure(error)
        }
    }

    /// Moves the picture, and the files beside it, out of Blender's reach.
    private func fetch(_ frame: FinishedFrame, for request: RenderRequest) {
        let there = request.moved(to: resident.home)
        let home = BlenderHome(path: resident.home)
        do {
            if there.hasExtras(of: frame.number) {
                let folder = "extras/\(frame.number)"
                for name in try home.files(below: folder) {
                    let target = FilePath("\(request.extrasFolder(of: frame.number))/\(name)")
                    try FileManager.default.createDirectory(
                        atPath: target.removingLastComponent().string,
                        withIntermediateDirectories: true)
                    try home.take("\(folder)/\(name)", to: target.string)
                }
            }
            let picture = request.path(of: frame.number)
            try home.take(String(picture.dropFirst(request.directory.count + 1)), to: picture)
        } catch {
            // The check that follows reports a missing picture.
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
        [request.directory, resident.home].contains { path in
            freeByteCount(at: path).map { $0 < limits.freeByteCountMin } ?? false
        }
    }
}

extension RenderRequest {
    /// Where Blender puts a frame's picture. `FrameName` pads numbers as Blender's `####` does.
    func path(of number: Int) -> String {
        let name = FrameName(job: JobID("-"), number: number, format: settings.format)
        return "\(directory)/\(name.fileName)"
    }

    /// The same request with another directory for its pictures.
    func moved(to directory: String) -> RenderRequest {
        RenderRequest(
            scene: scene, settings: settings, frames: frames, directory: directory, log: log,
            frameLimit: frameLimit)
    }
}
