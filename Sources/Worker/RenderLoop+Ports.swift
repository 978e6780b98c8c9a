package import Farm

extension RenderLoop {
    /// The world as the loop sees it.
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

    /// What one turn came to.
    package enum Turn: Hashable, Sendable {
        case idle
        case rendered(TaskID, frameCount: Int)
        /// Another worker holds the lease, the task is settled or its job gone: a late message.
        case dropped(TaskID)
        /// Too long for an instance that EC2 recommends to leave: left to the others.
        case postponed(TaskID)
        /// It failed here already: others first.
        case leftToOthers(TaskID)
        case failed(TaskID, RenderFailure)
        case handedBack(TaskID, Interruption)
        /// The lease went to someone else while this worker rendered.
        case lost(TaskID)

        /// Whether a task was held, so that what became of it is told already.
        package var isRender: Bool {
            switch self {
            case .rendered, .failed, .handedBack, .lost: true
            case .idle, .dropped, .postponed, .leftToOthers: false
            }
        }
    }
}
