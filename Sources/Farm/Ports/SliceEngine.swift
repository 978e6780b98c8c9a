/// Renders parts of a frame's samples on this machine, and makes the frame of the parts.
///
/// Each part, a slice, is kept with its own number of samples: the frame is the mean weighted by
/// these, whoever rendered the slices, in whatever order, and however long each of them is.
package protocol SliceEngine: Sendable {
    /// Opens the scene once and renders the slices that `next` asks for, until it asks for none.
    ///
    /// `next` is told what has been measured so far; before the first slice that is the scene's
    /// samples and the time it took to open it. Each slice is handed to `store` when its file is
    /// whole and verified. Ends within seconds when the calling task is canceled, and leaves no
    /// process behind. A scene that can't be sliced soundly throws `.unsliceable` before `next` is
    /// first called, so that the frame can be rendered whole.
    func renderSlices(
        _ request: SliceRequest,
        next: @Sendable (SliceMeasurement) async throws(PortError) -> SampleRange?,
        store: @Sendable (RenderedSlice) async throws(PortError) -> Void
    ) async throws(SliceError)

    /// Makes the frame of slices that cover its samples once and only once: weighted mean in linear
    /// light, then the scene's own denoiser, compositor, view transform and format.
    func merge(_ request: MergeRequest) async throws(SliceError) -> RenderedFrame
}

/// Samples `start ..< start + count` of a frame, from 0.
package struct SampleRange: Hashable, Sendable, CustomStringConvertible {
    package let start: Int
    package let count: Int

    package init(start: Int, count: Int) {
        precondition(start >= 0 && count >= 1, "A slice has at least one sample.")
        self.start = start
        self.count = count
    }

    package var end: Int { start + count }

    /// As people count: from 1.
    package var description: String { "slice of samples \(start + 1) to \(end)" }
}

package struct SliceRequest: Hashable, Sendable {
    /// Path of the .blend on this machine.
    package let scene: String
    package let settings: RenderSettings
    package let frame: Int
    /// Slice even where it costs more than it should (adaptive sampling starts over in each slice).
    package let isForced: Bool
    /// An empty directory for slices; the caller removes it.
    package let directory: String
    /// Everything Blender prints goes into this new file.
    package let log: String
    /// A slice that takes longer ends the render as `.timeout`.
    package let sliceDurationMax: Duration

    package init(
        scene: String, settings: RenderSettings, frame: Int, isForced: Bool, directory: String,
        log: String, sliceDurationMax: Duration
    ) {
        self.scene = scene
        self.settings = settings
        self.frame = frame
        self.isForced = isForced
        self.directory = directory
        self.log = log
        self.sliceDurationMax = sliceDurationMax
    }
}

/// What is known of a frame that is being rendered in slices.
package struct SliceMeasurement: Hashable, Sendable {
    /// All samples that the scene, or its uploader, wants of a frame.
    package let samples: Int
    /// From Blender's start until the scene was open.
    package let openDuration: Duration
    /// In the order they were rendered: how many samples in what time. From the asking until the
    /// slice's file was there; the first has the scene's sync, and none has the time to store it.
    package let slices: [Slice]

    package struct Slice: Hashable, Sendable {
        package let range: SampleRange
        package let duration: Duration

        package init(range: SampleRange, duration: Duration) {
            self.range = range
            self.duration = duration
        }
    }

    package init(samples: Int, openDuration: Duration, slices: [Slice]) {
        self.samples = samples
        self.openDuration = openDuration
        self.slices = slices
    }
}

package struct RenderedSlice: Hashable, Sendable {
    package let range: SampleRange
    /// A multilayer OpenEXR file of 32-bit floats.
    package let path: String
    package let byteCount: Int64
    package let duration: Duration
    package let use: MachineUse

    package init(
        range: SampleRange, path: String, byteCount: Int64, duration: Duration,
        use: MachineUse = MachineUse()
    ) {
        self.range = range
        self.path = path
        self.byteCount = byteCount
        self.duration = duration
        self.use = use
    }
}

package struct MergeRequest: Hashable, Sendable {
    package let scene: String
    package let settings: RenderSettings
    package let frame: Int
    /// The slices' files on this machine, in order of their samples.
    package let slices: [Part]
    /// An empty directory for the picture; the caller removes it.
    package let directory: String
    package let log: String
    package let durationMax: Duration

    package struct Part: Hashable, Sendable {
        package let range: SampleRange
        package let path: String

        package init(range: SampleRange, path: String) {
            self.range = range
            self.path = path
        }
    }

    package init(
        scene: String, settings: RenderSettings, frame: Int, slices: [Part], directory: String,
        log: String, durationMax: Duration
    ) {
        self.scene = scene
        self.settings = settings
        self.frame = frame
        self.slices = slices
        self.directory = directory
        self.log = log
        self.durationMax = durationMax
    }
}

package enum SliceError: Error, Hashable, Sendable {
    /// The frame must be rendered whole; why, in words for the scene's owner.
    case unsliceable(String)
    case failed(RenderFailure)
    /// A slice was rendered and could not be stored.
    case storing(PortError)
    /// The calling task was canceled.
    case canceled
}
