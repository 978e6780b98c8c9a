package import Farm

/// Renders slices with one Blender, which waits for the next range after each:
///
///     Blender ──samples · sliced──▶ check ─▶ store ─▶ next ──START COUNT PATH──▶ Blender
///
/// The scene is opened once. It is synchronized in the first slice and kept for the others, so a
/// slice's duration, which is from our asking until its file was there, is longest for the first.
/// Blender waits while a slice is checked and stored: that time is in no duration.
extension BlenderEngine: SliceEngine {
    package func renderSlices(
        _ request: SliceRequest,
        next: @Sendable (SliceMeasurement) async throws(PortError) -> SampleRange?,
        store: @Sendable (RenderedSlice) async throws(PortError) -> Void
    ) async throws(SliceError) {
        guard !Task.isCancelled else { throw .canceled }
        let script = RenderProgram.slices(isForced: request.isForced)
        let run = BlenderRun(program, request.whole, script, limits)
        var measured: SliceMeasurement?
        var asked: SampleRange?
        defer { told(nil) }
        let ending = try await run.run(SliceReader(watch: run.watch, told: told), by: keeper) {
            (events, orders) throws(SliceError) in
            for await (event, measure, isCropped) in events {
                let known: SliceMeasurement
                switch (event, measured) {
                case (.unsliceable(let reason), nil): throw .unsliceable(reason)
                case (.samples(let samples), nil):
                    known = SliceMeasurement(
                        samples: samples, openDuration: measure.duration, slices: [])
                case (.sliced(let range), let before?) where range == asked:
                    let slice = try check(range, measure, isCropped, of: request)
                    try await SliceError.during { () throws(PortError) in try await store(slice) }
                    known = before.adding(range, measure.duration)
                default:
                    // Not what we asked for: a scene prints what it likes.
                    run.watch.resume()
                    continue
                }
                measured = known
                asked = try await SliceError.during { () throws(PortError) in try await next(known)
                }
                guard let range = asked else { return }
                precondition(range.end <= known.samples, "A slice is a part of the samples.")
                run.watch.resume()
                orders.yield(.say("\(range.start) \(range.count) \(request.path(of: range))"))
            }
        }
        guard measured == nil || asked != nil else { return }
        guard !Task.isCancelled else { throw .canceled }
        guard let ending else {
            preconditionFailure("A Blender that slices is not kept.")
        }
        let diagnosis = Diagnosis(
            request: request.whole, ending: ending, isDiskFull: isDiskFull(request.whole),
            piece: asked.map(\.description) ?? "frame \(request.frame)", fault: .missing)
        throw .failed(diagnosis.failure)
    }

    /// The slice, if its file is whole and `SliceMean` can read it.
    private func check(
        _ range: SampleRange, _ measure: FrameWatch.Measure, _ isCropped: Bool,
        of request: SliceRequest
    ) throws(SliceError) -> RenderedSlice {
        let path = request.path(of: range)
        let check = PictureCheck(
            format: .multilayerEXR,
            size: isCropped ? nil : PixelSize(request.settings.resolution))
        do {
            let byteCount = try check.check(path).byteCount
            _ = try FloatEXR(PictureFile(path: path))
            return RenderedSlice(
                range: range, path: path, byteCount: byteCount, duration: measure.duration,
                use: measure.use)
        } catch {
            let message = "Blender says that it rendered the \(range), but \(error)."
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
    /// As a whole frame would be rendered: what both have in common.
    fileprivate var whole: RenderRequest {
        RenderRequest(
            scene: scene, settings: settings, frames: settings.frames.only(frame),
            directory: directory, log: log,
            frameLimit: FrameLimit(sliceDurationMax))
    }

    fileprivate func path(of range: SampleRange) -> String {
        "\(directory)/\(range.start)-\(range.end).exr"
    }
}
