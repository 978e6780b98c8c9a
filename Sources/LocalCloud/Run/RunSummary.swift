package import Farm
package import FoundationEssentials
package import Presentation

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
    /// What `spotrender report` computes, too.
    package let report: FarmReport
    package let detection: DetectionStatistics

    package struct FrameSeconds: Hashable, Sendable {
        package let quickest: Double
        package let mean: Double
        package let slowest: Double
    }

    package init(
        job: Job, report: FarmReport, journal: [Journal.Line], detection: DetectionStatistics,
        from start: Date, to end: Date
    ) {
        self.job = job.id
        self.detection = detection
        state = job.state
        frameCount = job.tally.frames
        wall = .seconds(end.timeIntervalSince(start))
        self.report = report
        let attempts = report.accounts.flatMap(\.attempts).filter { $0.task.job == job.id }
        let times = attempts.compactMap { attempt -> Double? in
            guard let report = attempt.report, report.frameCount > 0 else { return nil }
            return Double(report.renderMilliseconds) / 1000 / Double(report.frameCount)
        }
        if let least = times.min(), let countMax = times.max() {
            let mean = job.tally.secondsPerFrame ?? times.reduce(0, +) / Double(times.count)
            secondsPerFrame = FrameSeconds(quickest: least, mean: mean, slowest: countMax)
        } else {
            secondsPerFrame = nil
        }
        interruptedTasks = job.tally.interruptions
        failures = job.tally.failures
        interruptions = journal.filter { $0.kind == .notice && $0.time >= start }.count
        instances = Self.count(journal, from: start, to: end)
    }

    /// Instances that were there during the run, whether they got a task or not.
    private static func count(
        _ journal: [Journal.Line], from start: Date, to end: Date
    ) -> Int {
        let ends = Dictionary(
            journal.filter { $0.kind == .terminate }.map { ($0.instance, $0.time) },
            uniquingKeysWith: { first, _ in first })
        return journal.count {
            $0.kind == .launch && $0.time <= end && (ends[$0.instance] ?? end) >= start
        }
    }

    package func text(out: String, state folder: StateFolder) -> String {
        var lines = ["\(job) \(outcome)"]
        lines.append("  frames         \(frameCount), in \(out)")
        lines.append("  wall time      \(Format.decimal(wall / .seconds(1), digits: 1)) s")
        if let times = secondsPerFrame {
            lines.append(
                "  per frame      \(Format.decimal(times.mean, digits: 2)) s"
                    + " (\(Format.decimal(times.quickest, digits: 2)) to \(Format.decimal(times.slowest, digits: 2)) s by attempt)"
            )
        }
        lines.append(
            "  interruptions  \(interruptions) of \(instances) instances,"
                + " \(interruptedTasks) tasks handed on")
        lines.append("  retries        \(failures)")
        let bill = report.bill
        lines.append(
            "  cost           \(Format.dollars(bill.instances)) for instances, \(Format.dollars(bill.total)) in all;"
                + " On-Demand \(Format.dollars(bill.onDemand)) for the same time"
                + (report.runningCount > 0
                    ? "; \(Format.count(report.runningCount, "instance")) still running,"
                        + " as of \(Format.timeInWords(report.now))" : ""))
        lines.append("  bill           spotrender report \(job)")
        lines.append("  logs           \(folder.logs)")
        lines += DetectionTable(detection).lines.map { "  " + $0 }
        return lines.joined(separator: "\n")
    }

    package func document(folder: String, reasons: [String]) -> LocalRunDocument {
        LocalRunDocument(
            LocalRunDocument.Figures(
                job: job, isDone: state == .succeeded, outcome: outcome, framesDone: frameCount,
                wall: wall, instances: instances, interruptions: interruptions,
                tasksHandedOn: interruptedTasks, failures: failures),
            folder: folder, reasons: reasons, detection: detection, report: report)
    }

    var outcome: String {
        switch state {
        case .succeeded: "is done"
        case .failed(let reason): "has failed: \(reason)"
        case .canceled: "was canceled"
        case .splitting, .trying, .queued, .rendering, .assembling, .paused, .canceling, .failing:
            "is not finished"
        }
    }
}
