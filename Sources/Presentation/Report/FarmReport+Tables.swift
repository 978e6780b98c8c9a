package import Farm

extension FarmReport {
    /// All tables, in the order of reading. Detection is told apart: `DetectionTable`.
    package var tables: [ReportTable] {
        [runTable] + (study.rows.isEmpty ? [] : [studyTable]) + [billTable, kindTable, timeTable]
    }

    package var runTable: ReportTable {
        ReportTable(
            runs.count == 1 ? "Run" : "Runs",
            columns: [
                "#", "run", "job", "instances", "wall", "frames", "frame mean", "frame p95",
                "frames/h", "interruptions", "requeues", "waste", "cost", "On-Demand", "saving",
            ],
            rows: runs.enumerated().map { index, run in
                [
                    "\(index + 1)", run.name, run.job.rawValue, instances(run), span(run.wall),
                    "\(run.frameCount)", run.frameMean.map(span) ?? dash,
                    run.frameP95.map(span) ?? dash, decimal(run.framesPerHour, 1),
                    "\(run.interruptionCount)", "\(run.requeueCount)", percent(run.waste),
                    cost(run.bill.instances, run.bill.unpricedCount),
                    cost(run.bill.onDemand, run.bill.unlistedCount), percent(run.bill.saving),
                ]
            },
            notes: [
                "Frame times in Blender, the opening of the scene apart; p95 by nearest rank.",
                "Waste: time lost to interruptions, of all instance time. Cost: of instances; what"
                    + " else is paid stands in the bill. On-Demand: the same seconds at its price.",
                interruptionNote,
            ] + (runs.contains { !$0.isSettled } ? ["A run is not over: as of now."] : [])
                + runs.filter { !$0.errors.isEmpty }.map(errorNote)
                + runs.filter { !$0.blankFrames.isEmpty }.map { "\($0.job): \($0.blankFrames)." }
                + machineNotes,
            textColumnCount: 4)
    }

    /// What the plots show.
    package var studyTable: ReportTable {
        ReportTable(
            "Study: runs of equal work",
            columns: [
                "#", "instances", "market", "at work", "wall", "frames/h", "scale-up",
                "efficiency", "interruptions", "requeues", "waste", "cost", "$/frame",
                "saved against the On-Demand run",
            ],
            rows: study.rows.map { row in
                let run = row.run
                return [
                    "\(row.index + 1)", "\(run.peakInstances)", row.market.rawValue,
                    decimal(run.meanInstancesAtWork, 2), span(run.wall),
                    decimal(run.framesPerHour, 1), decimal(row.scaleUp, 2),
                    percent(row.efficiency), "\(run.interruptionCount)", "\(run.requeueCount)",
                    percent(run.waste), cost(run.bill.instances, run.bill.unpricedCount),
                    run.bill.instances.times(1, over: Int64(run.frameCount)).decimal(6),
                    percent(row.saving),
                ]
            },
            notes: [
                "Instances: at one time at most. At work: on average over the wall time.",
                "Scale-up: frames per hour, times those of the smallest run. Efficiency: scale-up"
                    + " over how many times as many instances there were.",
                "Saved: of what the run on as many On-Demand instances did cost.",
            ], textColumnCount: 3)
    }

    /// `shot-1a2b3c4d: 2 memory errors, of which the 2nd ends a task.`
    private func errorNote(_ run: RunFigures) -> String {
        let parts = ErrorClass.allCases.compactMap { errorClass in
            run.errors[errorClass].map { "\($0) × \(RetryPolicy().words(for: errorClass))" }
        }
        return "\(run.job): \(parts.joined(separator: "; "))."
    }

    /// Of all runs together; jobs are named where not all had the same device.
    private var machineNotes: [String] {
        let devices = Set(runs.flatMap(\.devices)).sorted().map { device in
            let jobs = runs.filter { $0.devices.contains(device) }.map { "\($0.job)" }
            let whose = jobs.count == runs.count ? "" : ": " + jobs.joined(separator: ", ")
            return "Cycles rendered on \(device)\(whose)."
        }
        let memory = runs.compactMap(\.memoryPeak).max().map {
            "Blender took up to \(MachineUse.words(bytes: $0)) of memory."
        }
        return devices + [memory].compactMap(\.self)
    }

    private func instances(_ run: RunFigures) -> String {
        let parts = [
            run.spotInstanceCount > 0 ? "\(run.spotInstanceCount) Spot" : nil,
            run.onDemandInstanceCount > 0 ? "\(run.onDemandInstanceCount) On-Demand" : nil,
        ].compactMap(\.self)
        return parts.isEmpty ? "none" : parts.joined(separator: ", ")
    }

    private func cost(_ amount: Money, _ unknownCount: Int) -> String {
        (unknownCount > 0 ? "≥ " : "") + dollars(amount)
    }

    /// Every rate of interruptions is of an interval and of instance-hours.
    package var interruptionNote: String {
        guard let interval else { return "No instance worked on it." }
        let count = accounts.count {
            $0.life.ending.isInterruption && $0.life.lifecycle == .spot
        }
        let spot = accounts.filter { $0.life.lifecycle == .spot }
        let jobs = Set(runs.map(\.job))
        let time = spot.reduce(Duration.zero) { $0 + $1.duration(of: jobs) }
        return
            "\(count) of \(counted(spot.count, "Spot instance")) interrupted, in \(hours(time)) Spot"
            + " instance-hours between \(interval.start.utc) and \(interval.end.utc)."
    }

    package var kindTable: ReportTable {
        ReportTable(
            "By instance type, family and size",
            columns: [
                "by", "name", "instances", "frames", "s/frame", "instance-hours",
                "Spot instance-hours", "interruptions", "per 100 Spot instance-hours",
                "$/frame Spot", "$/frame On-Demand",
            ],
            rows: kinds.map { row in
                [
                    row.kind.rawValue, row.name, "\(row.instanceCount)", "\(row.frameCount)",
                    row.secondsPerFrame.map { decimal($0, 2) } ?? dash, hours(row.instanceTime),
                    hours(row.spotTime), "\(row.interruptionCount)",
                    row.interruptionsPer100Hours.map { decimal($0, 1) } ?? dash,
                    row.spotPerFrame.map { $0.decimal(6) } ?? dash,
                    row.onDemandPerFrame.map { $0.decimal(6) } ?? dash,
                ]
            },
            notes: [interruptionNote, "$/frame Spot: as paid, refunds taken off."],
            textColumnCount: 2)
    }

    package var timeTable: ReportTable {
        var notes = [
            "\(counted(accounts.count, "instance")) from launch to end, \(hours(time.total)) instance-hours;"
                + " goodput \(percent(time.goodput))."
        ]
        let told = AttemptPhases.Phase.allCases.filter { phases[$0] > .zero }
        if !told.isEmpty {
            notes.append(
                "Attempts by phase, as they told: "
                    + told.map { "\($0.words) \(span(phases[$0]))" }.joined(separator: ", ") + ".")
        }
        if time.unreportedCount > 0 {
            notes.append(
                "Ended without a word of their worker: \(counted(time.unreportedCount, "attempt")). What"
                    + " had been stored counts as lost, too.")
        }
        if sharedCount > 0 {
            notes.append(
                "Served other jobs, too: \(counted(sharedCount, "instance")). Boot, idle and drain time"
                    + " is divided by the time they were leased to each.")
        }
        return ReportTable(
            "Where instance time went", columns: ["part", "time", "share"],
            rows: TimeUse.Part.allCases.map { part in
                [
                    part.words, span(time[part]),
                    percent(time.total > .zero ? time[part] / time.total : nil),
                ]
            }, notes: notes)
    }
}

extension AttemptPhases.Phase {
    fileprivate var words: String {
        switch self {
        case .fetch: "fetching the scene"
        case .open: "opening it"
        case .synchronize: "synchronizing it"
        case .render: "rendering"
        case .finish: "compositor and saving"
        case .store: "storing pictures"
        case .merge: "merging slices"
        }
    }
}

extension TimeUse.Part {
    package var words: String {
        switch self {
        case .useful: "useful: frames that are stored"
        case .lost: "lost to reclaim"
        case .failed: "failed or canceled"
        case .sceneLoad: "scene load: fetch, start, open"
        case .slices: "slices: storing and merging them"
        case .storing: "checking and storing pictures"
        case .boot: "boot"
        case .idle: "idle"
        case .drain: "drain"
        }
    }
}
