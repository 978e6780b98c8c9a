package import Farm

/// Jobs and workers in lines, for people.
package enum JobText {
    /// A table; the newest job first.
    package static func table(_ jobs: [Job], at now: Timestamp) -> [String] {
        let sorted = jobs.sorted { ($0.created, $0.id.rawValue) > ($1.created, $1.id.rawValue) }
        return Words.table(
            [["JOB", "STATE", "FRAMES", "FAILURES", "INTERRUPTIONS", "COST", "AGE"]]
                + sorted.map { job in
                    [
                        job.id.rawValue, job.state.name, frames(job), "\(job.tally.failures)",
                        "\(job.tally.interruptions)", Words.dollars(job.tally.dollars),
                        Words.duration(now - job.created),
                    ]
                })
    }

    /// All there is to say about one job.
    package static func status(_ job: Job, at now: Timestamp) -> [String] {
        var lines = ["\(job.id) \(sentence(job.state))"]
        if let reason = job.state.reason { lines.append("  \(reason)") }
        lines += job.notes.map { "  \($0)" }
        var rows = [["  file", job.source.key]]
        if let settings = job.settings {
            if let file = settings.file { rows.append(["  scene", file]) }
            if let missing = settings.missing { rows.append(["  without", "\(missing)"]) }
            rows.append(["  frames", "\(frames(job)) (\(settings.frames))"])
        }
        let tally = job.tally
        rows.append([
            "  tasks",
            "\(job.taskCount): \(tally.succeeded) succeeded, \(tally.failed) failed, "
                + "\(tally.canceled) canceled, \(job.openTaskCount) open",
        ])
        rows.append([
            "  attempts",
            Words.count(tally.failures, "failure") + ", "
                + Words.count(tally.interruptions, "interruption"),
        ])
        if let seconds = tally.secondsPerFrame {
            rows.append(["  per frame", "\(Words.decimal(seconds, digits: 2)) s"])
        }
        rows.append([
            "  cost",
            Words.dollars(tally.dollars)
                + (job.terms.budget.map { " of \(Words.dollars($0))" } ?? ""),
        ])
        if job.terms.priority != .normal {
            rows.append(["  priority", job.terms.priority.rawValue])
        }
        if let deadline = job.terms.deadline { rows.append(["  deadline", Words.time(deadline)]) }
        rows.append([
            "  time",
            job.settled.map { "\(Words.duration($0 - job.created)) from the upload to the end" }
                ?? "\(Words.duration(now - job.created)) since the upload",
        ])
        return lines + Words.table(rows)
    }

    /// What the whole job will take and cost, by what its frames took so far.
    package static func quote(_ estimate: Estimate) -> String {
        "quote, with boot: "
            + estimate.rows.map { row in
                "\(Words.duration(row.wall)) and \(Words.dollars(row.spot.dollars)) on "
                    + Words.count(row.instances, "instance")
                    + " (On-Demand \(Words.dollars(row.onDemand.dollars)))"
            }.joined(separator: ", ")
    }

    /// Which Blenders rendered, and which one saved the file.
    package static func blenders(_ job: Job, _ attempts: [Attempt]) -> [String] {
        let versions = Set(attempts.compactMap { $0.report?.blender }).sorted()
        guard !versions.isEmpty else { return [] }
        return [
            "rendered by Blender \(versions.map(\.description).joined(separator: ", "))"
                + (job.settings?.savedBy.map { "; \($0.release) saved the file" } ?? "")
        ]
    }

    /// What it was rendered on, and how much memory that took.
    package static func machine(_ attempts: [Attempt]) -> [String] {
        attempts.devices.map { "Cycles rendered on \($0)" }
            + (attempts.memoryPeak.map {
                ["Blender took up to \(MachineUse.words(bytes: $0)) of memory"]
            } ?? [])
    }

    /// What was decided on slices of samples, and why; and what they came to.
    package static func slicing(_ figures: SlicingFigures) -> [String] {
        var lines = figures.decisions.prefix(decisionsMax).map {
            "\($0.words) (\(Words.count($0.taskCount, "task")))"
        }
        let more = figures.decisions.dropFirst(decisionsMax).reduce(0) { $0 + $1.taskCount }
        if more > 0 { lines.append("and alike for \(Words.count(more, "task")) more") }
        if figures.sliceCount > 0 {
            lines.append(
                "\(Words.count(figures.sliceCount, "slice")) of "
                    + "\(Words.count(figures.sampleCount, "sample")) stored, "
                    + "\(Words.decimal(figures.merging.seconds, digits: 1)) s of merging")
        }
        if figures.interruptionCount > 0 {
            lines.append(
                "\(Words.count(figures.interruptionCount, "interruption")) between slices or in one: "
                    + "\(Words.duration(figures.lost)) of render lost, and no stored slice")
        }
        if figures.sliceCount > 0, figures.unreportedCount > 0 {
            lines.append(
                "\(Words.count(figures.unreportedCount, "attempt")) ended without a word: "
                    + "what slices it stored are kept, and not counted here")
        }
        return lines
    }

    /// Figures differ from task to task; more of them tell nothing new.
    private static let decisionsMax = 5

    /// What a person may do next with it.
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
        case .canceled: ["spotrender retry \(job.id)"]
        }
    }

    /// A job that was given up has canceled tasks, too, which its owner wants as well.
    private static func retry(_ job: Job) -> String {
        "spotrender retry \(job.id)" + (job.tally.canceled > 0 ? "" : " --failed")
    }

    package static func workers(_ workers: [WorkerRecord], at now: Timestamp) -> [String] {
        Words.table(
            [["WORKER", "TYPE", "ZONE", "LIFECYCLE", "STATE", "FOR", "SEEN", "PRICE", "TASK"]]
                + workers.sorted { $0.id.rawValue < $1.id.rawValue }.map { worker in
                    [
                        worker.id.rawValue, worker.pool.instanceType, worker.pool.zone,
                        worker.lifecycle.rawValue, worker.state.rawValue,
                        Words.duration(now - worker.since),
                        Words.duration(now - worker.seen) + " ago",
                        worker.pricePerHour.map { "\(Words.dollars($0))/h" } ?? "unknown",
                        worker.progress.map { progress in
                            "\(progress.task), \(progress.framesStored) frames"
                                + (progress.frame.map { ", \($0)" } ?? "")
                        } ?? "-",
                    ]
                })
    }

    /// After the job's name.
    package static func sentence(_ state: Job.State) -> String {
        switch state {
        case .splitting: "is being split"
        case .trying: "is being tried: its first, middle and last frames before the others"
        case .queued: "waits for workers"
        case .rendering: "is being rendered"
        case .assembling: "is rendered, and its pictures are being assembled"
        case .paused: "is paused"
        case .canceling: "is being canceled"
        case .failing: "is given up"
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
