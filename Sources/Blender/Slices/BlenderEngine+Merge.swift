package import Farm

extension BlenderEngine {
    /// The worker makes the mean, and Blender makes the picture of it: see `Programs/merge.py`. The
    /// frame's duration contains both.
    package func merge(_ request: MergeRequest) async throws(SliceError) -> RenderedFrame {
        let start = ContinuousClock.now
        let path = "\(request.directory)/mean.exr"
        let mean = try average(request, to: path)
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
            preconditionFailure("A render that throws nothing delivers its frame.")
        }
        return RenderedFrame(
            number: frame.number, path: frame.path, byteCount: frame.byteCount,
            duration: ContinuousClock.now - start, isBlank: frame.isBlank, extras: frame.extras,
            // Cycles renders nothing here.
            use: MachineUse(memoryPeak: frame.use.memoryPeak))
    }

    private func average(
        _ request: MergeRequest, to path: String
    ) throws(SliceError) -> FloatEXR {
        do {
            return try SliceMean(
                slices: request.slices, sizeMax: PixelSize(request.settings.resolution)
            ).write(to: path)
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
