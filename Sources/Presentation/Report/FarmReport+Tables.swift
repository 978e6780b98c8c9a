package import Farm

extension FarmReport {
    /// All tables, in reading order. `DetectionTable` has the detection of interruptions.
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
                    "\(index + 1)", run.name, run.job.rawValue, instances(run),
                    Format.duration(run.wall, digits: 2),
                    "\(run.frameCount)",
                    run.frameMean.map { Format.duration($0, digits: 2) } ?? Format.none,
                    run.frameP95.map { Format.duration($0, digits: 2) } ?? Format.none,
                    Format.decimal(run.framesPerHour, digits: 1),
                    "\(run.interruptionCount)", "\(run.requeueCount)", Format.percent(run.waste),
                    cost(run.bill.instances, run.bill.unpricedCount),
                    cost(run.bill.onDemand, run.bill.unlistedCount),
                    Format.percent(run.bill.saving),
                ]
            },
            notes: [
                "Frame times are times in Blender, without the opening of the scene. p95 by nearest rank.",
                "Waste: the share of instance time that interruptions cost. Cost: instances only; the"
                    + " bill has the rest. On-Demand: the same seconds at the On-Demand price.",
                interruptionNote,
            ]
                + runs.filter { $0.measuredFrameCount != $0.frameCount }.map {
                    "\($0.job): \($0.frameCount) frames are stored, and the render time of"
                        + " \($0.measuredFrameCount) was measured."
                }
                + (runs.contains { !$0.isSettled }
                    ? ["A run has not ended: its figures are as of now."] : [])
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
                    Format.decimal(run.meanInstancesAtWork, digits: 2),
                    Format.duration(run.wall, digits: 2),
                    Format.decimal(run.framesPerHour, digits: 1),
                    Format.decimal(row.scaleUp, digits: 2),
                    Format.percent(row.efficiency), "\(run.interruptionCount)",
                    "\(run.requeueCount)",
                    Format.percent(run.waste), cost(run.bill.instances, run.bill.unpricedCount),
                    run.bill.instances.times(1, over: Int64(run.frameCount)).decimal(6),
                    Format.percent(row.saving),
                ]
            },
            notes: [
                "Instances: the most at one time. At work: the average over the wall time.",
                "Scale-up: frames per hour, relative to the smallest run. Efficiency: scale-up divided"
                    + " by the number of instances, relative to the smallest run.",
                "Saved: the share of the cost of the run on as many On-Demand instances.",
            ], textColumnCount: 3)
    }

    /// `shot-1a2b3c4d: 2 × memory error (the 2nd ends the task).`
    private func errorNote(_ run: RunFigures) -> String {
        let parts = ErrorClass.allCases.compactMap { errorClass in
            run.errors[errorClass].map { "\($0) × \(RetryPolicy().words(for: errorClass))" }
        }
        return "\(run.job): \(parts.joined(separator: "; "))."
    }

    /// For all runs together; names the jobs where their devices differ.
    private var machineNotes: [String] {
        let devices = Set(runs.flatMap(\.devices)).sorted().map { device in
            let jobs = runs.filter { $0.devices.contains(device) }.map { "\($0.job)" }
            let whose = jobs.count == runs.count ? "" : ": " + jobs.joined(separator: ", ")
            return "Cycles rendered on \(device)\(whose)."
        }
        let memory = runs.compactMap(\.memoryPeak).max().map {
            "Blender took up to \(Format.bytes($0)) of memory."
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
        (unknownCount > 0 ? "≥ " : "") + Format.dollars(amount)
    }

    /// A rate of interruptions always names its interval and its instance-hours.
    package var interruptionNote: String {
        guard let interval else { return "No instance worked on the job." }
        let count = accounts.count {
            $0.life.status.isInterruption && $0.life.lifecycle == .spot
        }
        let spot = accounts.filter { $0.life.lifecycle == .spot }
        let jobs = Set(runs.map(\.job))
        let time = spot.reduce(Duration.zero) { $0 + $1.duration(of: jobs) }
        return
            "\(count) of \(Format.count(spot.count, "Spot instance")) interrupted, in \(Format.hours(time)) Spot"
            + " instance-hours between \(Format.timeInWords(interval.start)) and \(Format.timeInWords(interval.end))."
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
                    row.secondsPerFrame.map { Format.decimal($0, digits: 2) } ?? Format.none,
                    Format.hours(row.instanceTime),
                    Format.hours(row.spotTime), "\(row.interruptionCount)",
                    row.interruptionsPer100Hours.map { Format.decimal($0, digits: 1) }
                        ?? Format.none,
                    row.spotPerFrame.map { $0.decimal(6) } ?? Format.none,
                    row.onDemandPerFrame.map { $0.decimal(6) } ?? Format.none,
                ]
            },
            notes: [interruptionNote, "$/frame Spot: the price paid, without refunded hours."],
            textColumnCount: 2)
    }

    package var timeTable: ReportTable {
        var notes = [
            "\(Format.count(accounts.count, "instance")) from launch to end, \(Format.hours(time.total)) instance-hours;"
                + " goodput \(Format.percent(time.goodput))."
        ]
        let measured = AttemptPhases.Phase.allCases.filter { phases[$0] > .zero }
        if !measured.isEmpty {
            notes.append(
                "Attempts by phase, as workers reported: "
                    + measured.map { "\($0.words) \(Format.duration(phases[$0], digits: 2))" }
                    .joined(
                        separator: ", ") + ".")
        }
        if time.unreportedCount > 0 {
            notes.append(
                "Ended without a report: \(Format.count(time.unreportedCount, "attempt")). Their"
                    + " stored frames count as lost, too.")
        }
        if sharedCount > 0 {
            notes.append(
                "Shared with other jobs: \(Format.count(sharedCount, "instance")). Boot, idle and drain time"
                    + " is divided by the time that each job leased.")
        }
        return ReportTable(
            "Where instance time went", columns: ["part", "time", "share"],
            rows: TimeUse.Part.allCases.map { part in
                [
                    part.words, Format.duration(time[part], digits: 2),
                    Format.percent(time.total > .zero ? time[part] / time.total : nil),
                ]
            }, notes: notes)
    }
}

extension AttemptPhases.Phase {
    fileprivate var words: String {
        switch self {
        case .fetch: "fetching the scene"
        case .open: "opening it"
        case .synchronize: "preparing it for the renderer"
        case .render: "rendering"
        case .finish: "compositing and saving"
        case .store: "storing pictures"
        case .merge: "merging slices"
        }
    }
}

extension TimeUse.Part {
    package var words: String {
        switch self {
        case .useful: "rendering stored frames (goodput)"
        case .lost: "lost to interruptions"
        case .failed: "failed or canceled attempts"
        case .sceneLoad: "loading scenes: download, start, open"
        case .slices: "storing and merging slices"
        case .storing: "checking and storing pictures"
        case .boot: "booting"
        case .idle: "idle"
        case .drain: "draining"
        }
    }
}
