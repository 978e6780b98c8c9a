package import Farm
package import FoundationEssentials

/// What a run came to, from the job, its attempts and the instances' journal.
package struct RunSummary: Hashable, Sendable {
    package let job: JobID
    package let state: Job.State
    package let frameCount: Int
    package let wall: Duration
    /// Time in Blender for one frame: quickest, mean and slowest attempt. `nil` when none was measured.
    package let secondsPerFrame: FrameSeconds?
    /// Tasks that lost their worker and were rendered on by another.
    package let interruptedTasks: Int
    /// Instances taken away during the run.
    package let interruptions: Int
    package let failures: Int
    package let instances: Int
    /// USD, at the recorded Spot prices, by the second, a minute at least.
    package let dollars: Double

    package struct FrameSeconds: Hashable, Sendable {
        package let quickest: Double
        package let mean: Double
        package let slowest: Double
    }

    package init(
        job: Job, attempts: [Attempt], journal: [Journal.Line], from start: Date, to end: Date
    ) {
        self.job = job.id
        state = job.state
        frameCount = job.tally.frames
        wall = .seconds(end.timeIntervalSince(start))
        let times = attempts.compactMap { attempt -> Double? in
            guard let report = attempt.report, report.frameCount > 0 else { return nil }
            return Double(report.renderMilliseconds) / 1000 / Double(report.frameCount)
        }
        if let least = times.min(), let most = times.max() {
            let mean = job.tally.secondsPerFrame ?? times.reduce(0, +) / Double(times.count)
            secondsPerFrame = FrameSeconds(quickest: least, mean: mean, slowest: most)
        } else {
            secondsPerFrame = nil
        }
        interruptedTasks = job.tally.interruptions
        failures = job.tally.failures
        interruptions = journal.filter { $0.kind == .notice && $0.time >= start }.count
        let lives = Self.lives(journal, from: start, to: end)
        instances = lives.count
        dollars = lives.reduce(0) { $0 + $1 }
    }

    /// What each instance cost that was there during the run.
    private static func lives(
        _ journal: [Journal.Line], from start: Date, to end: Date
    ) -> [Double] {
        let ends = Dictionary(
            journal.filter { $0.kind == .terminate }.map { ($0.instance, $0.time) },
            uniquingKeysWith: { first, _ in first })
        return journal.filter { $0.kind == .launch }.compactMap { launch in
            let gone = min(ends[launch.instance] ?? end, end)
            // Journal times are whole seconds.
            guard gone >= start.addingTimeInterval(-1), launch.time <= end else { return nil }
            let seconds = max(60, gone.timeIntervalSince(launch.time))
            return (launch.price.flatMap { Double($0) } ?? 0) * seconds / 3600
        }
    }

    package func text(out: String, state folder: StateFolder) -> String {
        var lines = ["\(job) \(outcome)"]
        lines.append("  frames         \(frameCount), in \(out)")
        lines.append("  wall time      \(Self.decimal(wall / .seconds(1), 1)) s")
        if let times = secondsPerFrame {
            lines.append(
                "  per frame      \(Self.decimal(times.mean, 2)) s"
                    + " (\(Self.decimal(times.quickest, 2)) to \(Self.decimal(times.slowest, 2)) s by attempt)"
            )
        }
        lines.append(
            "  interruptions  \(interruptions) of \(instances) instances,"
                + " \(interruptedTasks) tasks handed on")
        lines.append("  retries        \(failures)")
        lines.append(
            "  cost           $\(Self.decimal(dollars, 4)) for these instances at recorded Spot prices"
        )
        lines.append("  logs           \(folder.logs)")
        return lines.joined(separator: "\n")
    }

    private var outcome: String {
        switch state {
        case .succeeded: "is done"
        case .failed(let reason): "has failed: \(reason)"
        case .canceled: "was canceled"
        case .splitting, .queued, .rendering: "is not finished"
        }
    }

    /// Rounded, with as many digits after the point as asked for.
    static func decimal(_ value: Double, _ digits: Int) -> String {
        let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
        let whole = Int64((value * scale).rounded())
        guard digits > 0 else { return String(whole) }
        let text = String(whole.magnitude)
        let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
        return (whole < 0 ? "-" : "") + padded.dropLast(digits) + "." + padded.suffix(digits)
    }
}
