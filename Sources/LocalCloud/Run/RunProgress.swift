package import Farm

/// Turns what is seen of a job, look after look, into lines for the person who waits.
///
/// A value: the same looks give the same lines.
package struct RunProgress: Sendable {
    /// One look at the farm.
    package struct Look: Sendable {
        package var job: Job?
        package var tasks: [RenderTask]
        /// File names of the frames that came since the look before.
        package var newFrames: [String]
        package var status: EmulatorStatus
        package var elapsed: Duration

        package init(
            job: Job?, tasks: [RenderTask], newFrames: [String], status: EmulatorStatus,
            elapsed: Duration
        ) {
            self.job = job
            self.tasks = tasks
            self.newFrames = newFrames
            self.status = status
            self.elapsed = elapsed
        }
    }

    private var state: String?
    private var instances: [String: String] = [:]
    private var trouble: String?
    private var frameCount = 0
    private var attempts: [Int: (failures: Int, interruptions: Int)] = [:]
    /// When something last changed: a wait without a sign of life has an end.
    package private(set) var lastChange: Duration = .zero
    /// Since when workers can't live or the emulator has a fault, and its text.
    package private(set) var troubled: (since: Duration, text: String)?

    package init() {}

    package mutating func lines(_ look: Look) -> [String] {
        var lines: [String] = []
        let isOver = look.job?.state.isSettled ?? false
        if let job = look.job, !isOver { lines += jobLines(job) }
        lines += instanceLines(look.status)
        lines += taskLines(look.tasks)
        for frame in look.newFrames {
            frameCount += 1
            let total = look.job?.settings.map { " of \($0.frames.count)" } ?? ""
            lines.append("\(frame) is there (\(frameCount)\(total))")
        }
        if let job = look.job, isOver { lines += jobLines(job) }
        if look.status.trouble != trouble {
            trouble = look.status.trouble
            if let trouble { lines.append(trouble) }
        }
        troubled = trouble.map { (troubled?.since ?? look.elapsed, $0) }
        if !lines.isEmpty { lastChange = look.elapsed }
        return lines.map { "\(Self.clock(look.elapsed))  \($0)" }
    }

    private mutating func jobLines(_ job: Job) -> [String] {
        let now: String
        switch job.state {
        case .splitting: now = "is being split into \(job.taskCount) tasks"
        case .trying:
            now = "is split: its first, middle and last frames are rendered before the others"
        case .queued:
            let frames = job.settings.map { "frames \($0.frames), " } ?? ""
            now = "is split: \(frames)\(job.taskCount) tasks wait for workers"
        case .rendering: now = "is being rendered"
        case .assembling: now = "is rendered, and its pictures are being assembled"
        case .paused: now = "is paused"
        case .canceling: now = "is being canceled"
        case .failing: now = "is given up"
        case .succeeded: now = "is done"
        case .failed: now = "has failed"
        case .canceled: now = "was canceled"
        }
        guard now != state else { return [] }
        state = now
        return ["\(job.id) \(now)"]
    }

    private mutating func instanceLines(_ status: EmulatorStatus) -> [String] {
        var lines: [String] = []
        for instance in status.instances where instances[instance.id] != instance.state {
            switch instance.state {
            case "running":
                let price = instance.price.map { " at $\($0)/h" } ?? ""
                lines.append("\(instance.id) runs in \(instance.zone)\(price)")
            case "noticed": lines.append("\(instance.id) gets its interruption notice")
            case "cut": lines.append("\(instance.id) is cut off without a notice")
            case "leaving": lines.append("\(instance.id) is not needed any more and drains")
            case "ended": lines.append("\(instance.id) is gone")
            default: continue
            }
            instances[instance.id] = instance.state
        }
        return lines
    }

    private mutating func taskLines(_ tasks: [RenderTask]) -> [String] {
        var lines: [String] = []
        for task in tasks {
            let before = attempts[task.id.number] ?? (0, 0)
            if task.interruptionCount > before.interruptions {
                lines.append("frames \(task.frames) were interrupted and wait again")
            }
            if task.failures.count > before.failures {
                var reason = "; they are tried again"
                if case .failed(let failure) = task.state {
                    reason = " for good: \(failure.message)"
                }
                lines.append("frames \(task.frames) failed\(reason)")
            }
            attempts[task.id.number] = (task.failures.count, task.interruptionCount)
        }
        return lines
    }

    /// `   7 s`, ` 125 s`: one column.
    static func clock(_ elapsed: Duration) -> String {
        let digits = String(elapsed.components.seconds)
        return String(repeating: " ", count: max(0, 4 - digits.count)) + digits + " s"
    }
}
