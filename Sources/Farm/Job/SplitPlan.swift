/// How a job's frames are cut into tasks. Pure: the same job gives the same tasks, always.
package enum SplitPlan {
    /// More tasks than this take the splitter longer than a Lambda may run. Of tasks there are no
    /// more either, however many a frame has.
    package static let framesMax = 100_000

    /// Small jobs spread frame by frame; large ones share Blender's start among a few frames.
    ///
    /// Frames stored before an interruption are kept, so a longer chunk costs no finished work.
    package static func chunk(frameCount: Int, wanted: Int?) -> Int {
        wanted ?? max(1, min(chunkMax, frameCount / chunksPerJob))
    }

    /// Numbered from 1, in frame order.
    ///
    /// - Parameter shares: Tasks of each frame; with more than one a chunk is one frame.
    package static func tasks(
        of job: JobID, frames: FrameRange, chunk: Int, shares: Int = 1,
        priority: JobPriority = .normal
    ) -> [RenderTask] {
        precondition(chunk >= 1, "A chunk holds at least one frame.")
        precondition(chunk == 1 || shares == 1, "A share is of one frame.")
        return (0..<taskCount(frames: frames, chunk: chunk, shares: shares)).map { index in
            let start = index / shares * chunk
            return RenderTask(
                id: TaskID(job: job, number: index + 1),
                frames: frames.slice(start..<min(start + chunk, frames.count)),
                share: SampleShare(index % shares, of: shares), priority: priority)
        }
    }

    /// What a job has to be written at the split: the tasks of its frames, and its assembly.
    package static func tasks(of job: Job) -> [RenderTask] {
        guard let settings = job.settings else { return [] }
        var tasks = tasks(
            of: job.id, frames: settings.frames, chunk: job.chunk, shares: job.terms.slices.shares,
            priority: job.terms.priority)
        if job.terms.assembles {
            tasks.append(
                RenderTask(
                    id: job.assembly, frames: settings.frames, work: .assembly,
                    priority: job.terms.priority))
        }
        return tasks
    }

    package static func taskCount(frames: FrameRange, chunk: Int, shares: Int = 1) -> Int {
        (frames.count + chunk - 1) / chunk * shares
    }

    private static let chunkMax = 8
    private static let chunksPerJob = 64
}
