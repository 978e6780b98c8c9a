/// How a job's frames are cut into tasks. Pure: the same job gives the same tasks, always.
package enum SplitPlan {
    /// More tasks than this take the splitter longer than a Lambda may run.
    package static let framesMax = 100_000

    /// Small jobs spread frame by frame; large ones share Blender's start among a few frames.
    ///
    /// Frames stored before an interruption are kept, so a longer chunk costs no finished work.
    package static func chunk(frameCount: Int, wanted: Int?) -> Int {
        wanted ?? max(1, min(chunkMax, frameCount / chunksPerJob))
    }

    /// Numbered from 1, in frame order.
    package static func tasks(of job: JobID, frames: FrameRange, chunk: Int) -> [RenderTask] {
        precondition(chunk >= 1, "A chunk holds at least one frame.")
        return stride(from: 0, to: frames.count, by: chunk).enumerated().map { index, start in
            let part = frames.slice(start..<min(start + chunk, frames.count))
            return RenderTask(id: TaskID(job: job, number: index + 1), frames: part)
        }
    }

    package static func taskCount(frames: FrameRange, chunk: Int) -> Int {
        (frames.count + chunk - 1) / chunk
    }

    private static let chunkMax = 8
    private static let chunksPerJob = 64
}
