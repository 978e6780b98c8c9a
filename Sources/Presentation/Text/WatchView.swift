package import Farm

/// One look at a job, in lines: a picture that is drawn over the last one on a terminal, or a line
/// now and then where there is none. A value: the same looks give the same lines.
package struct WatchView: Sendable {
    package struct Look: Sendable {
        /// `nil` while the splitter has not answered the upload.
        package var job: Job?
        package var workers: [WorkerRecord]
        /// Seconds a frame of the attempts that rendered some.
        package var samples: [Double]
        /// What the whole job will take and cost, once a frame is rendered.
        package var quote: Estimate?
        package var now: Timestamp

        package init(
            job: Job?, workers: [WorkerRecord], samples: [Double], quote: Estimate? = nil,
            now: Timestamp
        ) {
            self.job = job
            self.workers = workers
            self.samples = samples
            self.quote = quote
            self.now = now
        }

        /// Those at work on the job.
        package var busy: [WorkerRecord] {
            guard let job, !job.state.isSettled else { return [] }
            return workers.filter { $0.progress?.task.job == job.id }
                .sorted { $0.id.rawValue < $1.id.rawValue }
        }

        /// With what running attempts have stored.
        package var framesDone: Int {
            guard let job, let total = job.settings?.frames.count else { return 0 }
            let stored = busy.reduce(0) { $0 + ($1.progress?.framesStored ?? 0) }
            return min(total, job.tally.frames + stored)
        }

        package var forecast: Forecast? {
            job.flatMap { Forecast($0, workers: busy, samples: samples) }
        }
    }

    private var lastLine: String?
    private var lastTime: Timestamp?
    private var isQuoted = false

    package init() {}

    // MARK: Terminal

    /// Lines of at most `width` columns and `height` lines.
    package func picture(_ look: Look, width: Int, height: Int) -> [String] {
        guard let job = look.job else { return ["The job is not there yet: it is being split."] }
        let total = job.settings?.frames.count ?? 0
        let done = look.framesDone
        var lines = ["\(job.id) \(JobText.sentence(job.state))"]
        if case .failed(let reason) = job.state { lines.append(reason) }
        lines += job.notes
        let part = total > 0 ? Double(done) / Double(total) : 0
        lines.append(
            "\(Words.bar(part, width: max(10, min(40, width - 40)))) \(done) of \(total) frames, "
                + "\(look.busy.count) being rendered, \(job.framesToCome) left")
        lines.append(facts(job, look))
        if let quote = look.quote, !job.state.isSettled { lines.append(JobText.quote(quote)) }
        let room = max(0, height - lines.count - 1)
        let shown = look.busy.prefix(room)
        lines += Words.table(
            shown.map { worker in
                [
                    "  \(worker.id)", "\(worker.pool)",
                    worker.progress.map { "task \($0.task.number)" } ?? "",
                    worker.progress.map { place($0, of: job) } ?? "",
                    worker.progress?.frame?.description ?? "",
                ]
            })
        if look.busy.count > shown.count {
            lines.append("  and \(look.busy.count - shown.count) workers more")
        }
        return lines.map { String($0.prefix(max(20, width))) }
    }

    private func place(_ progress: WorkerRecord.Progress, of job: Job) -> String {
        let shares = job.terms.slices.shares
        guard progress.task != job.assembly else { return "assembles the pictures" }
        guard shares == 1 else {
            return "share \((progress.task.number - 1) % shares + 1) of \(shares) of a frame"
        }
        let count = SplitPlan.frameCount(of: progress.task, in: job)
        return "\(progress.framesStored) of \(count) frames"
    }

    private func facts(_ job: Job, _ look: Look) -> String {
        let tally = job.tally
        var facts: [String] = []
        if let forecast = look.forecast {
            let (early, late) = (Words.duration(forecast.early), Words.duration(forecast.late))
            facts.append(
                "about \(Words.duration(forecast.likely)) left"
                    + (early == late ? "" : " (\(early) to \(late))"))
        }
        if tally.microdollars > 0 {
            facts.append("\(Words.dollars(tally.dollars)) so far")
            if tally.frames > 0, !job.state.isSettled {
                let all = tally.dollars / Double(tally.frames)
                facts.append("\(Words.dollars(all * Double(job.framesLeft))) to finish")
            }
        }
        if tally.interruptions > 0 {
            facts.append(Words.count(tally.interruptions, "interruption"))
        }
        if tally.failures > 0 { facts.append(Words.count(tally.failures, "failure")) }
        if tally.blankFrames > 0 {
            facts.append("\(Words.count(tally.blankFrames, "frame")) black or transparent")
        }
        facts.append(Words.duration((job.settled ?? look.now) - job.created) + " since the upload")
        return facts.joined(separator: ", ")
    }

    // MARK: Plain

    /// A line when something has changed, and not more often than every ten seconds, but for the
    /// state, which is always told.
    package mutating func line(_ look: Look) -> String? {
        guard let job = look.job else { return nil }
        let state = "\(job.id) \(JobText.sentence(job.state))"
        let total = job.settings?.frames.count ?? 0
        let line =
            "\(state): \(look.framesDone) of \(total) frames, "
            + "\(Words.count(look.busy.count, "worker")), "
            + "\(Words.count(job.tally.failures, "failure")), "
            + Words.count(job.tally.interruptions, "interruption")
            + (job.tally.blankFrames > 0 ? ", \(job.tally.blankFrames) black or transparent" : "")
        guard line != lastLine else { return nil }
        if let lastLine, let lastTime, lastLine.hasPrefix(state + ":"),
            look.now - lastTime < .seconds(10)
        {
            return nil
        }
        (lastLine, lastTime) = (line, look.now)
        var text = "\(Words.time(look.now))  \(line)"
        if let forecast = look.forecast {
            text += ", about \(Words.duration(forecast.likely)) left"
        }
        if let quote = look.quote, !isQuoted {
            text += "; \(JobText.quote(quote))"
            isQuoted = true
        }
        return text
    }
}
