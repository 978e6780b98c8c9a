package import Farm

extension RenderLoop {
    /// The world as the loop sees it.
    package struct Ports: Sendable {
        package var jobs: any JobStore
        package var tasks: any TaskStore
        package var queue: any TaskQueue
        package var scenes: any SceneStore
        package var frames: any FrameStore
        package var engine: any RenderEngine
        package var time: any TimeSource

        package init(
            jobs: any JobStore, tasks: any TaskStore, queue: any TaskQueue,
            scenes: any SceneStore, frames: any FrameStore, engine: any RenderEngine,
            time: any TimeSource
        ) {
            self.jobs = jobs
            self.tasks = tasks
            self.queue = queue
            self.scenes = scenes
            self.frames = frames
            self.engine = engine
            self.time = time
        }
    }
}
