package import Farm

/// A job's progress in lines: a picture that replaces the last one on a terminal, or a line now and
/// then elsewhere. A value: the same looks give the same lines.
package struct WatchView: Sendable {
    package struct Look: Sendable {
        /// `nil` until the splitter has created the job.
        package var job: Job?
        package var workers: [WorkerRecord]
        /// Seconds per frame, one value for each attempt that rendered some.
        package var samples: [Double]
        /// What the whole job will take and cost; `nil` until a frame is rendered.
        package var forecastForAll: Estimate?
        package var now: Timestamp

        package init(
            job: Job?, workers: [WorkerRecord], samples: [Double], forecastForAll: Estimate? = nil,
            now: Timestamp
        ) {
            self.job = job
            self.workers = workers
            self.samples = samples
            self.forecastForAll = forecastForAll
            self.now = now
        }

        /// The workers that render the job.
        package var busy: [WorkerRecord] {
            guard let job, !job.state.isSettled else { return [] }
            return workers.filter { $0.progress?.task.job == job.id }
                .sorted { $0.id.rawValue < $1.id.rawValue }
        }

        /// Includes the frames that running attempts have stored.
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
    private var isForecastShown = false

    package init() {}

    // MARK: Terminal

    /// Lines of at most `width` columns and `height` lines.
    package func picture(_ look: Look, width: Int, height: Int) -> [String] {
        guard let job = look.job else { return ["The farm is splitting the upload into tasks."] }
        let total = job.settings?.frames.count ?? 0
        let done = look.framesDone
        var lines = ["\(job.id) \(JobText.sentence(job.state))"]
        if case .failed(let failure) = job.state { lines.append(failure.words) }
        lines += job.noteWords
        let part = total > 0 ? Double(done) / Double(total) : 0
        lines.append(
            "\(Format.bar(part, width: max(10, min(40, width - 40)))) \(done) of \(Format.count(total, "frame")), "
                + "\(look.busy.count) being rendered, \(job.framesToCome) left")
        lines.append(facts(job, look))
        if let forecast = look.forecastForAll, !job.state.isSettled {
            lines.append(JobText.forecast(forecast))
        }
        let room = max(0, height - lines.count - 1)
        let shown = look.busy.prefix(room)
        lines += Format.table(
            shown.map { worker in
                [
                    "  \(worker.id)", "\(worker.pool)",
                    worker.progress.map { "task \($0.task.number)" } ?? "",
                    worker.progress.map { place($0, of: job) } ?? "",
                    worker.progress?.frame?.description ?? "",
                ]
            })
        if look.busy.count > shown.count {
            lines.append(
                "  and "
                    + Format.count(
                        look.busy.count - shown.count, "more worker", plural: "more workers"))
        }
        return lines.map { String($0.prefix(max(20, width))) }
    }

    private func place(_ progress: WorkerRecord.Progress, of job: Job) -> String {
        let shares = job.terms.slices.shares
        guard progress.task != job.assembly else { return "makes the contact sheet and video" }
        guard shares == 1 else {
            return "share \((progress.task.number - 1) % shares + 1) of \(shares) of a frame"
        }
        let count = SplitPlan.frameCount(of: progress.task, in: job)
        return "\(progress.framesStored) of \(Format.count(count, "frame"))"
    }

    private func facts(_ job: Job, _ look: Look) -> String {
        let tally = job.tally
        var facts: [String] = []
        if let forecast = look.forecast {
            let (early, late) = (Format.duration(forecast.early), Format.duration(forecast.late))
            facts.append(
                "about \(Format.duration(forecast.likely)) left"
                    + (early == late ? "" : " (\(early) to \(late))"))
        }
        if tally.cost > .zero {
            facts.append("\(Format.dollars(tally.cost)) so far")
            if tally.frames > 0, !job.state.isSettled {
                let left = tally.cost.times(Int64(job.framesLeft), over: Int64(tally.frames))
                facts.append("\(Format.dollars(left)) to finish")
            }
        }
        if tally.interruptions > 0 {
            facts.append(Format.count(tally.interruptions, "interruption"))
        }
        if tally.failures > 0 { facts.append(Format.count(tally.failures, "failure")) }
        if tally.blankFrames > 0 {
            facts.append("\(Format.count(tally.blankFrames, "frame")) black or transparent")
        }
        facts.append(Format.duration((job.settled ?? look.now) - job.created) + " since the upload")
        return facts.joined(separator: ", ")
    }

    // MARK: Plain

    /// A line when something has changed, at most every ten seconds; a new state is always shown.
    package mutating func line(_ look: Look) -> String? {
        guard let job = look.job else { return nil }
        let state = "\(job.id) \(JobText.sentence(job.state))"
        let total = job.settings?.frames.count ?? 0
        let line =
            "\(state): \(look.framesDone) of \(Format.count(total, "frame")), "
            + "\(Format.count(look.busy.count, "worker")), "
            + "\(Format.count(job.tally.failures, "failure")), "
            + Format.count(job.tally.interruptions, "interruption")
            + (job.tally.blankFrames > 0 ? ", \(job.tally.blankFrames) black or transparent" : "")
        guard line != lastLine else { return nil }
        if let lastLine, let lastTime, lastLine.hasPrefix(state + ":"),
            look.now - lastTime < .seconds(10)
        {
            return nil
        }
        (lastLine, lastTime) = (line, look.now)
        var text = "\(Format.time(look.now))  \(line)"
        if let forecast = look.forecast {
            text += ", about \(Format.duration(forecast.likely)) left"
        }
        if let forecast = look.forecastForAll, !isForecastShown {
            text += "; \(JobText.forecast(forecast))"
            isForecastShown = true
        }
        return text
    }
}
