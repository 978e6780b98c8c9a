/// One lease with its outcome: the input of statistics and bills.
package struct Attempt: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
        case succeeded
        case failed(RenderFailure)
        case interrupted(Interruption)
        /// The worker did not report until its lease expired.
        case expired
        case canceled
    }

    package let task: TaskID
    package let token: FencingToken
    package let worker: WorkerID
    package let pool: Pool
    /// The price of the worker's instance; `nil` when it was not known.
    package let pricePerHour: Money?
    package let start: Timestamp
    package let end: Timestamp
    package let outcome: Outcome
    /// `nil` when the worker could not report.
    package let report: RenderReport?

    package init(
        task: TaskID, token: FencingToken, lease: Lease, end: Timestamp, outcome: Outcome,
        report: RenderReport?
    ) {
        self.task = task
        self.token = token
        worker = lease.worker
        pool = lease.pool
        pricePerHour = lease.pricePerHour
        start = lease.start
        self.end = end
        self.outcome = outcome
        self.report = report
    }

    /// The cost of the instance during this attempt's lease; zero without a known price.
    package var cost: Money {
        (pricePerHour ?? .zero).perHour(for: max(.zero, end - start))
    }
}

/// The measurements of one attempt.
package struct RenderReport: Hashable, Sendable {
    /// Frames rendered in this attempt, without those that were stored before.
    package var frameCount: Int
    /// Time in Blender, with the opening of the scene.
    package var renderMilliseconds: Int64
    /// From the lease until the start of Blender, while the scene was fetched. With several starts,
    /// as for slices of several frames, also the time between them.
    package var fetchMilliseconds: Int64
    /// Time to store whole frames during which no other frame was rendered.
    package var storeMilliseconds: Int64
    /// From the start of Blender until the scene was open.
    package var openMilliseconds: Int64
    /// The time of each frame in Blender, without the opening, in the order of rendering. Up to
    /// `framesMax` frames.
    package private(set) var frameMilliseconds: [Int64]
    /// The numbers of black or fully transparent frames, up to `framesMax`. These frames are stored
    /// and reported.
    package private(set) var blankFrames: [Int]
    /// Bytes of pictures stored.
    package var byteCount: Int64
    package var logKey: String?
    /// The Blender that rendered; `nil` when unknown.
    package var blender: BlenderVersion?
    package var use: MachineUse
    /// Whether frames were rendered in slices, and why; `nil` when there was nothing to render.
    package var slicing: SlicingReport?

    package init(
        frameCount: Int = 0, renderMilliseconds: Int64 = 0, fetchMilliseconds: Int64 = 0,
        openMilliseconds: Int64 = 0, storeMilliseconds: Int64 = 0,
        frameMilliseconds: [Int64] = [], blankFrames: [Int] = [], byteCount: Int64 = 0,
        logKey: String? = nil, blender: BlenderVersion? = nil, use: MachineUse = MachineUse(),
        slicing: SlicingReport? = nil
    ) {
        self.frameCount = frameCount
        self.renderMilliseconds = renderMilliseconds
        self.fetchMilliseconds = fetchMilliseconds
        self.openMilliseconds = openMilliseconds
        self.storeMilliseconds = storeMilliseconds
        self.frameMilliseconds = Array(frameMilliseconds.prefix(Self.framesMax))
        self.blankFrames = Array(blankFrames.prefix(Self.framesMax))
        self.byteCount = byteCount
        self.logKey = logKey
        self.blender = blender
        self.use = use
        self.slicing = slicing
    }

    /// The time of a whole frame by this attempt; `nil` when it rendered nothing.
    ///
    /// For a part of a frame's samples, the time of the whole frame is in proportion, without the
    /// opening of the scene.
    package var frameTime: RenderTime? {
        guard let slicing, slicing.sampleCount > 0 else {
            return frameCount > 0
                ? RenderTime(frames: frameCount, milliseconds: renderMilliseconds) : nil
        }
        let frames = Double(slicing.sampleCount) / Double(slicing.frameSamples)
        let count = max(1, Int(frames.rounded()))
        let sampling = Double(renderMilliseconds - openMilliseconds) * Double(count) / frames
        return RenderTime(
            frames: count, milliseconds: Int64(sampling.rounded()) + openMilliseconds)
    }

    /// Chunks have a few frames, unless the uploader chose more. The limit keeps an attempt's item
    /// far below DynamoDB's 400 KB.
    private static let framesMax = 1000

    /// A frame was rendered and is stored.
    package mutating func add(_ frame: RenderedFrame) {
        frameCount += 1
        renderMilliseconds += frame.duration.milliseconds
        openMilliseconds += frame.opening.milliseconds
        byteCount += frame.storedByteCount
        use += frame.use
        if frameMilliseconds.count < Self.framesMax {
            frameMilliseconds.append((frame.duration - frame.opening).milliseconds)
        }
        if frame.isBlank { note(blank: frame.number) }
    }

    package mutating func note(blank frame: Int) {
        guard blankFrames.count < Self.framesMax else { return }
        blankFrames.append(frame)
    }
}

/// The frames could not be rendered. Spends a retry.
package struct RenderFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Blender can't be started.
        case noBlender
        /// The scene is at fault: it can't be opened, has no camera, or lacks something.
        case scene
        /// Blender ended, and a picture is missing or incomplete.
        case noPicture
        /// A signal ended Blender.
        case crashed
        /// Memory ran out.
        case memory
        case timeout
        /// The disk is full, or can't be written.
        case disk
        /// The scene can't be fetched or a frame can't be stored.
        case store
    }

    package let kind: Kind
    /// What happened, for the job's owner, with Blender's last lines.
    package let message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    package var description: String { message }
}

/// The machine went away, or is about to. Spends no retry.
package struct Interruption: Hashable, Sendable {
    package enum Cause: String, Hashable, Sendable, CaseIterable {
        case spotTerminate = "terminate"
        case spotStop = "stop"
        case spotHibernate = "hibernate"
        /// Auto Scaling ends the instance.
        case scaleIn = "scale-in"
        /// EC2 ends or has ended the instance for an unknown reason.
        case shutdown
        /// SIGTERM, from an operator or at a shutdown of the machine.
        case drain
    }

    /// The path by which the first notice came.
    package enum Path: String, Hashable, Sendable, CaseIterable {
        case instanceMetadata = "imds"
        case eventBridge = "eventbridge"
        case lifecycleHook = "lifecycle-hook"
        case stateChange = "state-change"
        /// The scaler or a person drained the worker.
        case retirement
        case signal

        /// Whether the worker may still finish what it has promised, as after a mere warning.
        package var leavesPromises: Bool { self == .eventBridge }
    }

    package let cause: Cause
    package let path: Path

    package init(_ cause: Cause, by path: Path) {
        self.cause = cause
        self.path = path
    }
}

extension Interruption.Cause {
    /// By EC2's name of the action; `nil` for an unknown name.
    package init?(action: String) {
        switch Self(rawValue: action) {
        case .spotTerminate: self = .spotTerminate
        case .spotStop: self = .spotStop
        case .spotHibernate: self = .spotHibernate
        case .scaleIn, .shutdown, .drain, nil: return nil
        }
    }
}
