package import Farm

extension BlenderEngine {
    /// The mean is made here, and the picture of it by Blender: see `RenderProgram.merge`. The
    /// frame's duration is that of both.
    package func merge(_ request: MergeRequest) async throws(SliceError) -> RenderedFrame {
        let start = ContinuousClock.now
        let path = "\(request.directory)/mean.exr"
        let mean = try average(request.slices, to: path)
        guard !Task.isCancelled else { throw .canceled }
        let script = RenderProgram.merge(mean, at: path, samples: request.samples)
        var frame: RenderedFrame?
        do {
            try await render(request.whole, by: script) { (made) in frame = made }
        } catch {
            switch error {
            case .failed(let failure): throw .failed(failure)
            case .storing(let problem): throw .storing(problem)
            case .canceled: throw .canceled
            }
        }
        guard let frame else {
            preconditionFailure("A render without a stop hands its frame over.")
        }
        return RenderedFrame(
            number: frame.number, path: frame.path, byteCount: frame.byteCount,
            duration: ContinuousClock.now - start, isBlank: frame.isBlank, extras: frame.extras,
            // Cycles renders nothing of it.
            use: MachineUse(memoryPeak: frame.use.memoryPeak))
    }

    private func average(
        _ slices: [MergeRequest.Part], to path: String
    ) throws(SliceError) -> FloatEXR {
        do {
            return try SliceMean(slices: slices).write(to: path)
        } catch {
            throw .failed(error)
        }
    }
}

extension MergeRequest {
    fileprivate var whole: RenderRequest {
        RenderRequest(
            scene: scene, settings: settings, frames: settings.frames.only(frame),
            directory: directory, log: log,
            frameLimit: FrameLimit(durationMax))
    }

    fileprivate var samples: Int {
        slices.reduce(0) { (end, slice) in
            precondition(slice.range.start == end, "Slices cover the samples once, in order.")
            return slice.range.end
        }
    }
}
