package import Farm

/// Renders slices with one Blender, which waits for the next range after each:
///
///     Blender ──samples · sliced──▶ check ─▶ store ─▶ next ──START COUNT PATH──▶ Blender
///
/// Blender opens the scene once. It synchronizes the scene in the first slice and keeps it for the
/// others. A slice's duration runs from the line that asks for it until its file is there, so the
/// first slice takes longest. No duration contains the time in which a slice is checked and stored.
extension BlenderEngine: SliceEngine {
    package func renderSlices(
        _ request: SliceRequest,
        next: @Sendable (SliceMeasurement) async throws(PortError) -> SampleRange?,
        store: @Sendable (RenderedSlice) async throws(PortError) -> Void
    ) async throws(SliceError) {
        guard !Task.isCancelled else { throw .canceled }
        let script = RenderProgram.slices(isForced: request.isForced)
        let session = session(
            script, request.whole.moved(to: resident.home), SliceReader(onProgress: onProgress))
        var measured: SliceMeasurement?
        var asked: SampleRange?
        defer { onProgress(nil) }
        let ending = try await session.run(by: resident) { () throws(SliceError) in
            for await event in session.events {
                guard case .step(let step) = event else { continue }
                let known: SliceMeasurement
                switch (step.note, measured) {
                case (.unsliceable(let reason), nil): throw .unsliceable(reason)
                case (.samples(let samples), nil):
                    known = SliceMeasurement(
                        samples: samples, openDuration: step.measure.duration, slices: [])
                case (.sliced(let range), let before?) where range == asked:
                    let slice = try check(range, step, of: request)
                    try await SliceError.during { () throws(PortError) in try await store(slice) }
                    known = before.adding(range, step.measure.duration)
                default:
                    // Not the expected message: a scene can print any line.
                    session.watch.resume()
                    continue
                }
                measured = known
                asked = try await SliceError.during { () throws(PortError) in try await next(known)
                }
                guard let range = asked else { return }
                precondition(range.end <= known.samples, "A slice is a part of the samples.")
                session.watch.resume()
                let path = "\(resident.home)/\(SliceRequest.fileName(of: range))"
                session.send("\(range.start) \(range.count) \(path)")
            }
        }
        guard measured == nil || asked != nil else { return }
        guard !Task.isCancelled else { throw .canceled }
        guard let ending else {
            preconditionFailure("A Blender that renders slices is not kept.")
        }
        let diagnosis = Diagnosis(
            request: request.whole, ending: ending, isDiskFull: isDiskFull(request.whole),
            piece: asked.map(\.description) ?? "frame \(request.frame)", fault: .missing)
        throw .failed(diagnosis.failure)
    }

    /// The slice, if its file is complete and `SliceMean` can read it.
    private func check(
        _ range: SampleRange, _ step: BlenderStep, of request: SliceRequest
    ) throws(SliceError) -> RenderedSlice {
        let name = SliceRequest.fileName(of: range)
        let path = "\(request.directory)/\(name)"
        do {
            try BlenderHome(path: resident.home).take(name, to: path)
        } catch {
            // The check that follows reports a missing slice.
        }
        let check = PictureCheck(
            request.settings, format: .multilayerEXR, isExact: !step.isCropped)
        do {
            let byteCount = try check.check(path).byteCount
            _ = try FloatEXR(PictureFile(path: path))
            return RenderedSlice(
                range: range, path: path, byteCount: byteCount, duration: step.measure.duration,
                use: step.measure.use)
        } catch {
            let message = "Blender reported the \(range) as rendered, but \(error)."
            throw .failed(
                isDiskFull(request.whole)
                    ? Diagnosis.diskFull(request.whole, detail: message)
                    : RenderFailure(.noPicture, message))
        }
    }
}

extension SliceMeasurement {
    fileprivate func adding(_ range: SampleRange, _ duration: Duration) -> SliceMeasurement {
        SliceMeasurement(
            samples: samples, openDuration: openDuration,
            slices: slices + [Slice(range: range, duration: duration)])
    }
}

extension SliceRequest {
    /// A request for the whole frame, with what both have in common.
    fileprivate var whole: RenderRequest {
        RenderRequest(
            scene: scene, settings: settings, frames: settings.frames.only(frame),
            directory: directory, log: log,
            frameLimit: FrameLimit(sliceDurationMax))
    }

    fileprivate static func fileName(of range: SampleRange) -> String {
        "\(range.start)-\(range.end).exr"
    }
}
