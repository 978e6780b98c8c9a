/// One lease, with its outcome: what statistics and bills are computed from.
package struct Attempt: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
        case succeeded
        case failed(RenderFailure)
        case interrupted(Interruption)
        /// Nothing was heard of the worker until its lease ended.
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
    /// `nil` when the worker could not say.
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

/// What a worker measured in one attempt.
package struct RenderReport: Hashable, Sendable {
    /// Frames rendered in this attempt; those found stored already are not among them.
    package var frameCount: Int
    /// Time in Blender, the opening of the scene among it.
    package var renderMilliseconds: Int64
    /// From the lease until Blender was started: the scene was fetched. With several Blenders, as for
    /// slices of several frames, also what lies between them.
    package var fetchMilliseconds: Int64
    /// Storing whole frames, as far as no other was rendered meanwhile.
    package var storeMilliseconds: Int64
    /// From Blender's start until it had the scene open.
    package var openMilliseconds: Int64
    /// Each frame's time in Blender, the opening apart, in the order they were rendered: of the
    /// first `framesMax` of them.
    package private(set) var frameMilliseconds: [Int64]
    /// Numbers of the frames that are black or fully transparent, of the first `framesMax` of them:
    /// stored like all others, and told of.
    package private(set) var blankFrames: [Int]
    /// Bytes of pictures stored.
    package var byteCount: Int64
    package var logKey: String?
    /// The Blender that rendered; `nil` where nothing was known of it.
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

    /// What the attempt tells of the time a whole frame takes; `nil` when it rendered nothing.
    ///
    /// Of a part of a frame's samples the whole frame's time follows in proportion, but for the scene's
    /// opening.
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

    /// Chunks are a few frames long unless their owner says otherwise; this keeps an attempt's item
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
        /// The scene itself is at fault: it can't be opened, has no camera, lacks what was asked for.
        case scene
        /// Blender ended, and a picture is missing or not whole.
        case noPicture
        /// Blender was ended by a signal of its own.
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
    /// For the job's owner: what happened, and Blender's last lines where there are any.
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
        /// EC2 ends the instance, or has ended it, for a reason not told.
        case shutdown
        /// SIGTERM: an operator, or the machine going down.
        case drain
    }

    /// Which of the ways the notice came first.
    package enum Path: String, Hashable, Sendable, CaseIterable {
        case instanceMetadata = "imds"
        case eventBridge = "eventbridge"
        case lifecycleHook = "lifecycle-hook"
        case stateChange = "state-change"
        /// The scaler retired the worker while it was idle.
        case retirement
        case signal

        /// Whether a worker may still be at work: a mere warning leaves what it has promised.
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
    /// EC2's name of what it does with the instance; `nil` for one it does not have.
    package init?(action: String) {
        switch Self(rawValue: action) {
        case .spotTerminate: self = .spotTerminate
        case .spotStop: self = .spotStop
        case .spotHibernate: self = .spotHibernate
        case .scaleIn, .shutdown, .drain, nil: return nil
        }
    }
}
