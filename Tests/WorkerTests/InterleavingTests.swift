import Farm
import FarmTesting
import Foundation
import Synchronization
import Testing

@testable import Worker

/// The shares of one frame. A seed decides which of their workers die and which run twice.
private final class Stage: Sendable {
    let seed: UInt64
    let turnstile = InterleavingScheduler()
    let slices: InMemorySliceStore
    let frames: InMemoryFrameStore
    let engine = ScriptedEngine()
    let job: Job
    let count: Int
    let directory: String
    /// Shares whose task has succeeded.
    let succeeded = Mutex<Set<Int>>([])

    init(seed: UInt64, shares: Int, samples: Int, open: Int, directory: String) async throws {
        self.seed = seed
        self.directory = directory
        let faults = Faults(turnstile: turnstile)
        slices = InMemorySliceStore(faults: faults)
        frames = InMemoryFrameStore(faults: faults)
        count = shares
        engine.slicing.withLock { script in
            script.samples = samples
            script.open = .seconds(open)
        }
        job = Job(
            id: JobID("shot-12345678"),
            source: await InMemorySceneStore().upload([1], key: "shot.blend"),
            settings: RenderSettings(
                scene: "Scene", frames: try FrameRange(first: 1, last: 1), engine: .cycles,
                resolution: Resolution(width: 64, height: 36), format: .png),
            chunk: 1, taskCount: shares, created: .testStart,
            terms: JobTerms(slices: SliceTerms(shares: shares)))
    }

    var name: FrameName { FrameName(job: job.id, number: 1, format: .png) }

    func work(on share: Int, as worker: Int) async {
        guard let settings = job.settings else { return }
        let task = RenderTask(
            id: TaskID(job: job.id, number: share + 1), frames: settings.frames,
            share: SampleShare(share, of: count))
        var limits = WorkerLimits(lease: LeaseTerms())
        limits.slices.probePart = 8
        limits.slices.slack = .seconds(5)
        let progress = RenderProgress(task, of: job)
        progress.decide(.slices(nil, .none))
        do {
            let space = try Workspace(
                for: task.id, token: FencingToken(worker), in: directory)
            _ = try await SlicedFrame(
                number: name.number,
                leased: LeasedTask(
                    task: task, job: job, settings: settings, receipt: Receipt("receipt")),
                expected: nil, scene: "",
                ports: SlicedFrame.Ports(
                    slices: slices, frames: frames, engine: engine, time: ManualTime()),
                limits: limits, progress: progress
            ).render(in: space)
            succeeded.withLock { _ = $0.insert(share) }
        } catch {
            guard case SliceError.storing(let error) = error, error.message.hasSuffix("was killed")
            else {
                Issue.record("seed \(seed): \(error)")
                return
            }
        }
    }
}

@Suite struct `Workers on the shares of one frame` {
    /// A seed decides the number of shares and samples, the order of calls, which workers die, and
    /// which continue after they lost their lease. The frame is always completed and every task
    /// succeeds.
    @Test(arguments: 0..<150 as Range<UInt64>)
    func `complete it in any order, with deaths and duplicates`(_ seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "interleaving-\(seed)-\(UUID().uuidString)")
        defer {
            do { try FileManager.default.removeItem(at: directory) } catch { Issue.record(error) }
        }
        let shares = Int.random(in: 1...6, using: &random)
        let samples = Int.random(in: 1...40, using: &random)
        let stage = try await Stage(
            seed: seed, shares: shares, samples: samples,
            open: Int.random(in: 0...20, using: &random), directory: directory.path())
        let doubles = Bool.random(using: &random)
        let hasDoubled = try await run(stage, shares, mayDouble: doubles, &random)
        #expect(stage.succeeded.withLock { $0.count } == shares)
        let picture = try await stage.frames.picture(stage.name)
        #expect(String(decoding: picture ?? [], as: UTF8.self) == "\(samples) samples")
        guard !hasDoubled else { return }
        #expect(await stage.slices.frames.isEmpty)
        // With one worker at a time, no sample is stored twice.
        let stored = await stage.slices.storeCounts
        if shares == 1 {
            #expect(stored.reduce(0) { $0 + $1.key.count * $1.value } == samples)
        }
    }

    /// Whether a share had two workers at the same time.
    private func run(
        _ stage: Stage, _ shares: Int, mayDouble: Bool, _ random: inout SeededGenerator
    ) async throws -> Bool {
        var working: [Int: Int] = [:]
        var nextWorker = 1
        var deaths = 0
        var hasDoubled = false
        var generator = random
        defer { random = generator }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for step in 0... {
                try #require(step < 20_000, "They go on without an end.")
                let waiting = await stage.turnstile.whenAllWait()
                working = working.filter { waiting.contains($0.key) }
                let done = stage.succeeded.withLock { $0 }
                let idle = (0..<shares).filter { share in
                    guard !done.contains(share) else { return false }
                    let isHeld = working.values.contains(share)
                    let isLost = mayDouble && Int.random(in: 0..<40, using: &generator) == 0
                    hasDoubled = hasDoubled || (isHeld && isLost)
                    return !isHeld || isLost
                }
                if let share = idle.randomElement(using: &generator),
                    working.isEmpty || Bool.random(using: &generator)
                {
                    let worker = nextWorker
                    nextWorker += 1
                    working[worker] = share
                    stage.turnstile.enter(worker)
                    group.addTask {
                        await stage.turnstile.act(as: worker) {
                            await stage.work(on: share, as: worker)
                        }
                    }
                    continue
                }
                guard let worker = waiting.randomElement(using: &generator) else {
                    guard idle.isEmpty else { continue }
                    return hasDoubled
                }
                let dies = deaths < 12 && Int.random(in: 0..<15, using: &generator) == 0
                deaths += dies ? 1 : 0
                stage.turnstile.release(worker, live: !dies)
            }
            return hasDoubled
        }
    }
}
