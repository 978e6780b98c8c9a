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

    /// Tasks of one frame each that are rendered before the others: the first, the middle, the last.
    package static let canaryCount = 3

    /// Whether a canary is worth its time: of fewer frames it is more than a quarter, which one instance
    /// would render while the others wait. Shares spread the very first frame over the workers already.
    package static func canHaveCanary(frameCount: Int, shares: Int) -> Bool {
        frameCount >= canaryCount * 4 && shares == 1
    }

    /// Numbered from 1, in frame order; but a canary's come first.
    ///
    /// - Parameter shares: Tasks of each frame; with more than one a chunk is one frame.
    package static func tasks(
        of job: JobID, frames: FrameRange, chunk: Int, shares: Int = 1, hasCanary: Bool = false,
        priority: JobPriority = .normal
    ) -> [RenderTask] {
        precondition(chunk >= 1, "A chunk holds at least one frame.")
        precondition(chunk == 1 || shares == 1, "A share is of one frame.")
        let count = taskCount(frames: frames, chunk: chunk, shares: shares, hasCanary: hasCanary)
        return (0..<count).map { index in
            RenderTask(
                id: TaskID(job: job, number: index + 1),
                frames: frames.slice(
                    places(
                        of: index / shares, frameCount: frames.count, chunk: chunk,
                        hasCanary: hasCanary)),
                share: SampleShare(index % shares, of: shares), priority: priority)
        }
    }

    /// What a job has to be written at the split: the tasks of its frames, and its assembly.
    package static func tasks(of job: Job) -> [RenderTask] {
        guard let settings = job.settings else { return [] }
        var tasks = tasks(
            of: job.id, frames: settings.frames, chunk: job.chunk, shares: job.terms.slices.shares,
            hasCanary: job.terms.hasCanary, priority: job.terms.priority)
        if job.terms.assembles {
            tasks.append(
                RenderTask(
                    id: job.assembly, frames: settings.frames, work: .assembly,
                    priority: job.terms.priority))
        }
        return tasks
    }

    package static func taskCount(
        frames: FrameRange, chunk: Int, shares: Int = 1, hasCanary: Bool = false
    ) -> Int {
        guard hasCanary else { return chunks(frames.count, chunk) * shares }
        let middle = frames.count / 2
        return canaryCount + chunks(middle - 1, chunk) + chunks(frames.count - middle - 2, chunk)
    }

    /// How many frames a job's task is of, by its number.
    package static func frameCount(of task: TaskID, in job: Job) -> Int {
        guard let frames = job.settings?.frames, (1...job.taskCount).contains(task.number) else {
            return 0
        }
        return places(
            of: (task.number - 1) / job.terms.slices.shares, frameCount: frames.count,
            chunk: job.chunk, hasCanary: job.terms.hasCanary
        ).count
    }

    /// Positions of a task's frames among the job's; both count from 0.
    private static func places(
        of index: Int, frameCount: Int, chunk: Int, hasCanary: Bool
    ) -> Range<Int> {
        guard hasCanary else { return part(index, of: 0..<frameCount, chunk) }
        let middle = frameCount / 2
        switch index {
        case 0: return 0..<1
        case 1: return middle..<middle + 1
        case 2: return frameCount - 1..<frameCount
        default:
            let index = index - canaryCount
            let before = chunks(middle - 1, chunk)
            return index < before
                ? part(index, of: 1..<middle, chunk)
                : part(index - before, of: middle + 1..<frameCount - 1, chunk)
        }
    }

    private static func part(_ index: Int, of places: Range<Int>, _ chunk: Int) -> Range<Int> {
        let start = places.lowerBound + index * chunk
        return start..<min(start + chunk, places.upperBound)
    }

    private static func chunks(_ frameCount: Int, _ chunk: Int) -> Int {
        (frameCount + chunk - 1) / chunk
    }

    private static let chunkMax = 8
    private static let chunksPerJob = 64
}
