package import Farm

/// Jobs and workers in lines, for people.
package enum JobText {
    /// A table with the newest job first.
    package static func table(_ jobs: [Job], at now: Timestamp) -> [String] {
        let sorted = jobs.sorted { ($0.created, $0.id.rawValue) > ($1.created, $1.id.rawValue) }
        return Format.table(
            [["JOB", "STATE", "FRAMES", "FAILURES", "INTERRUPTIONS", "COST", "AGE"]]
                + sorted.map { job in
                    [
                        job.id.rawValue, job.state.name, frames(job), "\(job.tally.failures)",
                        "\(job.tally.interruptions)", Format.dollars(job.tally.cost),
                        Format.duration(now - job.created),
                    ]
                })
    }

    /// One job: its state, its figures and, where attempts are given, what they came to.
    package static func status(
        _ job: Job, _ attempts: [Attempt] = [], forecast: Estimate? = nil, at now: Timestamp
    ) -> [String] {
        var lines: [String] = []
        if let reason = job.state.reason { lines.append(reason) }
        lines += job.noteWords
        lines += Format.table(facts(job, at: now))
        if let forecast { lines.append(self.forecast(forecast)) }
        lines += blenders(job, attempts) + machine(attempts)
        let blank = BlankFrames(in: attempts)
        if !blank.isEmpty { lines.append("\(blank)") }
        lines += slicing(SlicingFigures(attempts), of: job)
        lines += attempts.flatMap { FailureText.lines($0) }
        return ["\(job.id) \(sentence(job.state))"] + lines.map { "  \($0)" }
    }

    private static func facts(_ job: Job, at now: Timestamp) -> [[String]] {
        let tally = job.tally
        var rows = [["file", job.source.key]]
        if let settings = job.settings {
            if let file = settings.file { rows.append(["scene", file]) }
            if let missing = settings.missing { rows.append(["missing", "\(missing)"]) }
            rows.append(["frames", "\(frames(job)) (\(settings.frames))"])
        }
        rows.append([
            "tasks",
            "\(job.taskCount): \(tally.succeeded) succeeded, \(tally.failed) failed, "
                + "\(tally.canceled) canceled, \(job.openTaskCount) open",
        ])
        rows.append([
            "attempts",
            Format.count(tally.failures, "failure") + ", "
                + Format.count(tally.interruptions, "interruption"),
        ])
        if let seconds = tally.secondsPerFrame {
            rows.append(["per frame", Format.duration(.seconds(seconds), digits: 2)])
        }
        let budget = job.terms.budget.map { " of \(Format.dollars($0))" } ?? ""
        rows.append(["cost", Format.dollars(tally.cost) + budget])
        if job.terms.priority != .normal { rows.append(["priority", job.terms.priority.rawValue]) }
        if let deadline = job.terms.deadline {
            rows.append(["deadline", Format.timeInWords(deadline)])
        }
        rows.append([
            "time",
            job.settled.map { "\(Format.duration($0 - job.created)) from upload to end" }
                ?? "\(Format.duration(now - job.created)) since the upload",
        ])
        return rows
    }

    /// What the whole job will take and cost, by its frames so far.
    package static func forecast(_ estimate: Estimate) -> String {
        "forecast for the whole job: "
            + estimate.rows.map { row in
                "\(Format.duration(row.wall)) and \(Format.dollars(row.spot)) on "
                    + Format.count(row.instances, "instance")
                    + " (On-Demand \(Format.dollars(row.onDemand)))"
            }.joined(separator: ", ")
    }

    /// The Blenders that rendered, and the one that saved the file.
    package static func blenders(_ job: Job, _ attempts: [Attempt]) -> [String] {
        let versions = Set(attempts.compactMap { $0.report?.blender }).sorted()
        guard !versions.isEmpty else { return [] }
        return [
            "rendered by Blender \(versions.map(\.description).joined(separator: ", "))"
                + (job.settings?.savedBy.map { "; saved by \($0.release)" } ?? "")
        ]
    }

    /// The devices that rendered, and the most memory that Blender took.
    package static func machine(_ attempts: [Attempt]) -> [String] {
        attempts.devices.map { "Cycles rendered on \($0)" }
            + (attempts.memoryPeak.map { ["Blender took up to \(Format.bytes($0)) of memory"] }
                ?? [])
    }

    /// Decisions on slices, and what came of them. Empty when nobody asked for slices and no
    /// worker rendered one.
    package static func slicing(_ figures: SlicingFigures, of job: Job) -> [String] {
        guard figures.sliceCount > 0 || job.terms.slices != SliceTerms() else { return [] }
        var lines = figures.decisions.prefix(decisionsMax).map {
            "\($0.decision.words) (\(Format.count($0.taskCount, "task")))"
        }
        let more = figures.decisions.dropFirst(decisionsMax).reduce(0) { $0 + $1.taskCount }
        if more > 0 { lines.append("and \(Format.count(more, "more task", plural: "more tasks"))") }
        if figures.sliceCount > 0 {
            lines.append(
                "\(Format.count(figures.sliceCount, "slice")) with "
                    + "\(Format.count(figures.sampleCount, "sample")) stored, merged in "
                    + Format.duration(figures.merging, digits: 1))
        }
        if figures.interruptionCount > 0 {
            lines.append(
                "\(Format.count(figures.interruptionCount, "interruption")) of sliced frames: "
                    + "\(Format.duration(figures.lost)) of render time lost, and no stored slice")
        }
        if figures.sliceCount > 0, figures.unreportedCount > 0 {
            lines.append(
                "\(Format.count(figures.unreportedCount, "attempt")) ended without a report: "
                    + "the slices are kept, but are not counted here")
        }
        return lines
    }

    /// More decisions, which differ in their figures only, say nothing new.
    private static let decisionsMax = 5

    /// Commands that a person may run next.
    package static func next(_ job: Job) -> [String] {
        switch job.state {
        case .splitting, .trying, .queued, .rendering, .assembling:
            ["spotrender watch \(job.id)", "spotrender cancel \(job.id)"]
        case .paused: ["spotrender resume \(job.id)", "spotrender cancel \(job.id)"]
        case .canceling, .failing: ["spotrender cancel \(job.id)"]
        case .succeeded: ["spotrender download \(job.id) frames"]
        case .failed:
            job.taskCount == 0
                ? [] : ["spotrender logs \(job.id)", retry(job)]
        case .canceled: [retry(job.id)]
        }
    }

    /// A job that ended early has canceled tasks, which its owner wants as well.
    package static func retry(_ job: Job) -> String {
        retry(job.id) + (job.tally.canceled > 0 ? "" : " --failed")
    }

    /// The command that renders failed and canceled tasks again.
    static func retry(_ id: JobID) -> String { "spotrender retry \(id)" }

    package static func workers(_ workers: [WorkerRecord], at now: Timestamp) -> [String] {
        Format.table(
            [["WORKER", "TYPE", "ZONE", "LIFECYCLE", "STATE", "FOR", "SEEN", "PRICE", "TASK"]]
                + workers.sorted { $0.id.rawValue < $1.id.rawValue }.map { worker in
                    [
                        worker.id.rawValue, worker.pool.instanceType, worker.pool.zone,
                        worker.lifecycle.rawValue, worker.state.words,
                        Format.duration(now - worker.since),
                        Format.duration(now - worker.seen) + " ago",
                        worker.pricePerHour.map { "\(Format.dollars($0))/h" } ?? "unknown",
                        worker.progress.map { progress in
                            "\(progress.task), \(Format.count(progress.framesStored, "frame"))"
                                + (progress.frame.map { ", \($0)" } ?? "")
                        } ?? "-",
                    ]
                })
    }

    /// After the job's name.
    package static func sentence(_ state: Job.State) -> String {
        switch state {
        case .splitting: "is being split"
        case .trying: "renders its first, middle and last frame before the others"
        case .queued: "is waiting for workers"
        case .rendering: "is being rendered"
        case .assembling: "is rendered; its contact sheet and video are being made"
        case .paused: "is paused"
        case .canceling: "is being canceled"
        case .failing: "is being ended, because it failed"
        case .succeeded: "is done"
        case .failed: "failed"
        case .canceled: "was canceled"
        }
    }

    static func frames(_ job: Job) -> String {
        guard let total = job.settings?.frames.count else { return "-" }
        return "\(job.tally.frames) of \(total)"
    }
}
