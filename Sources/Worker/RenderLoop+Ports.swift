package import Farm

extension RenderLoop {
    /// The ports that the loop uses.
    package struct Ports: Sendable {
        package var jobs: any JobStore
        package var tasks: any TaskStore
        package var queue: any TaskQueue
        package var scenes: any SceneStore
        package var frames: any FrameStore
        package var slices: any SliceStore
        package var notices: any NoticeStore
        package var fleetStore: any FleetStore
        package var engine: any RenderEngine & SliceEngine & Assembler
        package var time: any TimeSource

        package init(
            jobs: any JobStore, tasks: any TaskStore, queue: any TaskQueue,
            scenes: any SceneStore, frames: any FrameStore, slices: any SliceStore,
            notices: any NoticeStore, fleetStore: any FleetStore,
            engine: any RenderEngine & SliceEngine & Assembler, time: any TimeSource
        ) {
            self.jobs = jobs
            self.tasks = tasks
            self.queue = queue
            self.scenes = scenes
            self.frames = frames
            self.slices = slices
            self.notices = notices
            self.fleetStore = fleetStore
            self.engine = engine
            self.time = time
        }
    }

    /// The outcome of one turn.
    package enum Turn: Hashable, Sendable {
        case idle
        case rendered(TaskID, frameCount: Int)
        /// The message is out of date: another worker holds the lease, the task has ended or its
        /// job is gone.
        case dropped(TaskID)
        /// The task takes too long for an instance that EC2 recommends to leave. Other workers take
        /// it.
        case postponed(TaskID)
        /// The task failed on this worker before. Other workers go first.
        case leftToOthers(TaskID)
        case failed(TaskID, RenderFailure)
        case handedBack(TaskID, Interruption)
        /// The lease ended while this worker rendered: the task was requeued or canceled.
        case lost(TaskID)

        /// Whether the worker held a task in this turn. Its notice then records the outcome.
        package var isRender: Bool {
            switch self {
            case .rendered, .failed, .handedBack, .lost: true
            case .idle, .dropped, .postponed, .leftToOthers: false
            }
        }
    }
}
