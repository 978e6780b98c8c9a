import Farm
import FarmTesting

/// A fleet for the scaling policy, with the parts that a test needs.
struct Scene {
    init() {}

    var now = Timestamp.testStart + .seconds(10_000)
    var jobs: [Job] = []
    var workers: [WorkerRecord] = []
    var spot = FleetGroup(lifecycle: .spot, desired: 0, unitsMin: 0, unitsMax: 100)
    var onDemand = FleetGroup(lifecycle: .onDemand, desired: 0, unitsMin: 0, unitsMax: 100)
    var reservedTasks = 0
    var refusals: [CapacityShortage] = []
    var memory = FleetMemory()
    private var startedCount = 0

    var view: FleetView {
        FleetView(
            now: now, jobs: jobs, workers: workers, spot: spot, onDemand: onDemand,
            reservedTasks: reservedTasks, refusals: refusals, memory: memory)
    }

    static func job(
        frames: Int, chunk: Int = 1, terms: JobTerms = JobTerms(), tally: JobTally = JobTally()
    ) throws -> Job {
        let scene = SceneObject(
            bucket: "b", key: "s.blend", version: nil, entityTag: "t", byteCount: 1)
        let settings = RenderSettings(
            scene: "Scene", frames: try FrameRange(first: 1, last: frames), engine: .cycles,
            resolution: Resolution(width: 64, height: 36), format: .png)
        return Job(
            id: JobID("s-1"), source: scene, settings: settings, chunk: chunk,
            taskCount: (frames + chunk - 1) / chunk, created: .testStart, terms: terms,
            state: .rendering, tally: tally)
    }

    static func tally(
        frames: Int, seconds: Int, on type: String = "c5a.2xlarge", cost: Money = .zero
    ) -> JobTally {
        let milliseconds = Int64(frames * seconds * 1000)
        return JobTally(
            succeeded: frames, frames: frames, measuredFrames: frames,
            renderMilliseconds: milliseconds,
            byType: [type: RenderTime(frames: frames, milliseconds: milliseconds)],
            cost: cost)
    }

    /// As many instances in service as a group shall have, each with a worker in this state since
    /// `age` ago.
    mutating func staff(
        _ count: Int, _ state: WorkerRecord.State, for age: Duration = .zero,
        _ lifecycle: WorkerRecord.Lifecycle = .spot
    ) {
        startedCount += count
        let new = (startedCount - count..<startedCount).map { number in
            WorkerRecord(
                id: WorkerID("i-\(number)"),
                pool: Pool(instanceType: "c5a.2xlarge", zone: "us-east-1a"),
                lifecycle: lifecycle, state: state, seen: now, since: now - age,
                booted: .testStart,
                prices: [PriceStep(time: .testStart, price: Money(nanodollars: 360_000_000))])
        }
        workers += new
        let members = new.map { FleetGroup.Member(id: $0.id, isProtected: state == .rendering) }
        switch lifecycle {
        case .spot: spot = spot.with(members, desired: spot.desired + count)
        case .onDemand: onDemand = onDemand.with(members, desired: onDemand.desired + count)
        }
    }

    /// Applies a decision: groups reach their sizes at once, and ended instances are gone.
    mutating func follow(_ decision: FleetDecision) {
        memory = decision.memory
        for (lifecycle, part) in [
            (WorkerRecord.Lifecycle.spot, decision.spot), (.onDemand, decision.onDemand),
        ] {
            let group = lifecycle == .spot ? spot : onDemand
            let size = (part.desired ?? group.desired) - part.ending.count
            let left = group.members.filter { !part.ending.contains($0.id) }
            workers.removeAll { part.ending.contains($0.id) }
            let emptied = FleetGroup(
                lifecycle: lifecycle, desired: left.count, unitsMin: group.unitsMin,
                unitsMax: group.unitsMax,
                members: left)
            if lifecycle == .spot { spot = emptied } else { onDemand = emptied }
            staff(max(0, size - left.count), .idle, for: .seconds(3600), lifecycle)
        }
    }
}

extension Timestamp {
    static func - (moment: Timestamp, span: Duration) -> Timestamp {
        Timestamp(milliseconds: moment.milliseconds - span.milliseconds)
    }
}

extension FleetGroup {
    func with(_ more: [Member] = [], desired: Int? = nil, weights: [String: Int]? = nil)
        -> FleetGroup
    {
        FleetGroup(
            lifecycle: lifecycle, desired: desired ?? self.desired, unitsMin: unitsMin,
            unitsMax: unitsMax,
            weights: weights ?? self.weights, members: members + more)
    }
}
