import Farm
import FarmTesting
import Logging
import Testing
import Worker

/// A monitor with scripted notices of its instance.
private struct Post {
    let faults = Faults()
    let time = ManualTime()
    let drain = DrainSignal()
    let notices: InMemoryNotices
    let workers: InMemoryWorkerStore
    let store: InMemoryNoticeStore
    let monitor: InterruptionMonitor
    static let deadline = Timestamp.testStart + .seconds(120)

    init() {
        notices = InMemoryNotices(faults: faults)
        workers = InMemoryWorkerStore(faults: faults)
        store = InMemoryNoticeStore(faults: faults)
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let heartbeat = WorkerHeartbeat(
            TestFarm.me,
            ports: WorkerHeartbeat.Ports(
                workers: workers, protection: InMemoryProtection(), prices: FixedPrices(nil),
                time: time),
            interval: .seconds(30), log: log)
        monitor = InterruptionMonitor(
            source: notices, limits: WorkerLimits(), heartbeat: heartbeat, notices: store,
            time: time,
            log: log)
    }
}

@Suite struct `The interruption monitor` {
    @Test func `raises the drain with EC2's notice and its deadline`() async {
        let post = Post()
        async let end: Void = post.monitor.run(raising: post.drain)
        await post.time.whenAsleep()
        #expect(post.drain.interruption == nil)
        post.notices.post(.interruption(.spotTerminate, deadline: Post.deadline))
        post.time.advance(by: .seconds(2))
        await end
        #expect(
            post.drain.interruption == Interruption(.spotTerminate, by: .instanceMetadata))
        #expect(post.drain.deadline == Post.deadline)
    }

    @Test func `raises the drain when Auto Scaling ends the instance`() async {
        let post = Post()
        post.notices.post(.termination)
        await post.monitor.run(raising: post.drain)
        #expect(post.drain.interruption == Interruption(.scaleIn, by: .instanceMetadata))
        #expect(post.drain.deadline == nil)
    }

    @Test func `continues polling after failed polls, and raises no drain`() async {
        let post = Post()
        post.faults.breakDown(.readNotice)
        post.notices.post(.interruption(.spotStop, deadline: Post.deadline))
        async let end: Void = post.monitor.run(raising: post.drain)
        await post.time.whenAsleep()
        #expect(post.drain.interruption == nil)
        post.faults.mend(.readNotice)
        post.time.advance(by: .seconds(2))
        await end
        #expect(post.drain.interruption?.cause == .spotStop)
    }

    @Test func `cools once after a recommendation, and does not stop`()
        async throws
    {
        let post = Post()
        let start = Timestamp.testStart
        post.notices.post(.rebalance(since: start))
        async let end: Void = post.monitor.run(raising: post.drain)
        for _ in 1...3 {
            await post.time.whenAsleep()
            post.time.advance(by: .seconds(2))
        }
        #expect(post.drain.interruption == nil)
        #expect(post.drain.isCooling(at: start + .seconds(599)))
        #expect(!post.drain.isCooling(at: start + .seconds(600)))
        #expect(
            try await post.workers.worker(TestFarm.me.id)?.coolingUntil == start + .seconds(600))
        #expect(post.faults.callCount(of: .recordNotice) == 1)
        let kept = try await post.store.notices(of: TestFarm.me.id)
        #expect(kept.map(\.announced) == [.rebalance])
        await post.time.whenAsleep()
        post.notices.post(.termination)
        post.time.advance(by: .seconds(2))
        await end
        #expect(post.drain.interruption?.cause == .scaleIn)
    }
}
