/// The figures of one job: a row of the report's first table.
package struct RunFigures: Hashable, Sendable {
    package let job: JobID
    /// The name of the uploaded file.
    package let name: String
    package let work: Work
    package let isSettled: Bool
    /// From the upload until the job ended, or until now.
    package let wall: Duration
    package let spotInstanceCount: Int
    package let onDemandInstanceCount: Int
    /// The most instances at one time. An instance counts from its first lease to the end of its
    /// last.
    package let peakInstances: Int
    /// Mean number of working instances: leased time over wall time.
    package let meanInstancesAtWork: Double
    /// Frames of the job that are stored.
    package let frameCount: Int
    /// Frames whose render time an attempt reported: `frameMean` and `frameP95` are about these.
    package let measuredFrameCount: Int
    package let blankFrames: BlankFrames
    /// The devices that Cycles rendered on.
    package let devices: [String]
    /// Blender's highest memory use, in bytes.
    package let memoryPeak: Int64?
    /// Mean time of a frame in Blender, without the opening of the scene; `nil` when none was
    /// measured.
    package let frameMean: Duration?
    /// By nearest rank, so it is always a measured time.
    package let frameP95: Duration?
    /// Instances of this job that were taken away while the job was open, with or without lost
    /// work.
    package let interruptionCount: Int
    /// Attempts whose task went back to the queue after an interruption.
    package let requeueCount: Int
    /// Failed attempts by error class, without interruptions.
    package let errors: [ErrorClass: Int]
    package let time: TimeUse
    package let phases: AttemptPhases
    package let bill: Bill

    package init(
        _ job: Job, _ accounts: [InstanceAccount], _ prices: UsagePrices, _ stored: StoredFrames,
        now: Timestamp
    ) {
        let mine: Set = [job.id]
        let accounts = accounts.filter { $0.attempts.contains { $0.task.job == job.id } }
        let attempts = accounts.flatMap(\.attempts).filter { $0.task.job == job.id }
        self.job = job.id
        name = job.source.fileName
        work = Work(scene: job.source.entityTag, settings: job.settings)
        isSettled = job.state.isSettled
        wall = max(.milliseconds(1), (job.settled ?? now) - job.created)
        spotInstanceCount = accounts.count { $0.life.lifecycle == .spot }
        onDemandInstanceCount = accounts.count - spotInstanceCount
        peakInstances = Self.peak(accounts, of: job.id)
        let leased = attempts.reduce(Duration.zero) { $0 + max(.zero, $1.end - $1.start) }
        meanInstancesAtWork = leased / wall
        frameCount = stored.count(of: job.id)
        blankFrames = BlankFrames(in: attempts)
        devices = attempts.devices
        memoryPeak = attempts.memoryPeak
        let times = attempts.flatMap { $0.report?.frameMilliseconds ?? [] }.sorted()
        measuredFrameCount = times.count
        frameMean =
            times.isEmpty ? nil : .milliseconds(times.reduce(0, +) / Int64(times.count))
        frameP95 = times.isEmpty ? nil : .milliseconds(times[(times.count * 95 + 99) / 100 - 1])
        let open = job.created...max(job.created, job.settled ?? now)
        interruptionCount = accounts.count {
            $0.life.status.isInterruption && open.contains($0.life.noticed ?? $0.life.end)
        }
        requeueCount = attempts.count(where: \.isHandedOn)
        errors = attempts.compactMap(\.outcome.errorClass).filter { $0 != .interruption }
            .reduce(into: [:]) { $0[$1, default: 0] += 1 }
        time = accounts.reduce(into: TimeUse()) { $0 += $1.timeUse(of: mine) }
        phases = AttemptPhases(attempts)
        bill = Bill(accounts, of: mine, prices, stored)
    }

    /// The scene and its settings. Runs of equal work can be compared.
    package struct Work: Hashable, Sendable {
        /// The file's entity tag, which depends on its content only.
        package let scene: String
        package let settings: RenderSettings?
    }

    private static func peak(_ accounts: [InstanceAccount], of job: JobID) -> Int {
        let spans = accounts.compactMap { account -> (start: Timestamp, end: Timestamp)? in
            let attempts = account.attempts.filter { $0.task.job == job }
            guard let start = attempts.map(\.start).min(), let end = attempts.map(\.end).max()
            else { return nil }
            return (start, max(start, min(end, account.life.end)))
        }
        return spans.map { one in
            spans.count { $0.start <= one.start && one.start <= $0.end }
        }.max() ?? 0
    }

    package var framesPerHour: Double { Double(frameCount) / (wall / .seconds(3600)) }

    /// Time lost to interruptions as a part of all instance time.
    package var waste: Double? { time.total > .zero ? time[.lost] / time.total : nil }
}
