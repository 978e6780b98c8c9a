/// How a job's frames are divided into tasks. Pure: the same job always gives the same tasks.
package enum SplitPlan {
    /// The splitter would need more time for more tasks than a Lambda may run. It limits frames and
    /// tasks alike.
    package static let framesMax = 100_000

    /// Small jobs have one frame per task. In large jobs a few frames share one start of Blender.
    ///
    /// Frames stored before an interruption are kept, so a longer chunk loses no finished work.
    package static func chunk(frameCount: Int, wanted: Int?) -> Int {
        wanted ?? max(1, min(chunkMax, frameCount / chunksPerJob))
    }

    /// Tasks of one frame each that come before the others: the first, middle and last frame.
    package static let canaryCount = 3

    /// Whether a canary is worth its time. For fewer frames it would be more than a quarter of the
    /// job, rendered by one instance while the others wait. Shares already spread the first frame
    /// over all workers.
    package static func canHaveCanary(frameCount: Int, shares: Int) -> Bool {
        frameCount >= canaryCount * 4 && shares == 1
    }

    /// How the frames of a job are divided.
    package struct Division: Hashable, Sendable {
        package let frames: FrameRange
        package let chunk: Int
        /// Tasks per frame. With more than one, a chunk is one frame.
        package let shares: Int
        package let hasCanary: Bool

        package init(
            _ frames: FrameRange, chunk: Int = 1, shares: Int = 1, hasCanary: Bool = false
        ) {
            precondition(chunk >= 1, "A chunk holds at least one frame.")
            precondition(chunk == 1 || shares == 1, "A share is of one frame.")
            self.frames = frames
            self.chunk = chunk
            self.shares = shares
            self.hasCanary = hasCanary
        }
    }

    /// Numbered from 1 in the order of frames, with the canary's tasks first.
    package static func tasks(
        of job: JobID, _ division: Division, priority: JobPriority = .normal
    ) -> [RenderTask] {
        let (frames, shares) = (division.frames, division.shares)
        let count = taskCount(
            frames: frames, chunk: division.chunk, shares: shares, hasCanary: division.hasCanary)
        return (0..<count).map { index in
            let places = places(
                of: index / shares, frameCount: frames.count, chunk: division.chunk,
                hasCanary: division.hasCanary)
            return RenderTask(
                id: TaskID(job: job, number: index + 1), frames: frames.slice(places),
                share: SampleShare(index % shares, of: shares), priority: priority)
        }
    }

    /// All tasks that the split writes: those of the frames, and the assembly.
    package static func tasks(of job: Job) -> [RenderTask] {
        guard let settings = job.settings else { return [] }
        let division = Division(
            settings.frames, chunk: job.chunk, shares: job.terms.slices.shares,
            hasCanary: job.terms.hasCanary)
        var tasks = tasks(of: job.id, division, priority: job.terms.priority)
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

    /// The number of frames of a task.
    package static func frameCount(of task: TaskID, in job: Job) -> Int {
        guard let frames = job.settings?.frames, (1...job.taskCount).contains(task.number) else {
            return 0
        }
        return places(
            of: (task.number - 1) / job.terms.slices.shares, frameCount: frames.count,
            chunk: job.chunk, hasCanary: job.terms.hasCanary
        ).count
    }

    /// The positions of a task's frames in the job, from 0.
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
