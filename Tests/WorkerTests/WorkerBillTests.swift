import Farm
import FarmTesting
import Logging
import Synchronization
import Testing
import Worker

@Suite struct `A worker's record` {
    @Test func `keeps its jobs and prices through a restart`() async throws {
        let testFarm = try await TestFarm(frames: 1)
        _ = try await testFarm.turn()
        #expect(try await testFarm.workers.worker(TestFarm.me.id)?.jobs == [testFarm.job])
        let again = WorkerHeartbeat(
            TestFarm.me,
            ports: WorkerHeartbeat.Ports(
                workers: testFarm.workers, protection: InMemoryProtection(),
                prices: FixedPrices(Money(decimal: "0.15")), time: testFarm.time),
            interval: .seconds(30), log: Self.log)
        try await again.register()
        let known = try #require(try await testFarm.workers.worker(TestFarm.me.id))
        #expect(known.jobs == [testFarm.job])
        #expect(known.prices.map(\.price) == [Money(decimal: "0.15")])
    }

    private static let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// One cent, and one more with each hour. The first read fails.
    private final class RisingPrices: InstancePrices {
        private let callCount = Mutex(0)

        func prices(
            from start: Timestamp, to end: Timestamp
        ) async throws(PortError) -> [PriceStep] {
            let isFirst = callCount.withLock { count in
                count += 1
                return count == 1
            }
            if isFirst { throw PortError(.unavailable, "read the price", "nobody answers") }
            return (0...(end - start).milliseconds / 3_600_000).map { hour in
                PriceStep(
                    time: start + .seconds(3600 * hour),
                    price: Money(nanodollars: 10_000_000 * (hour + 1)))
            }
        }
    }

    @Test func `has the price of each hour, even if a read failed at first`()
        async throws
    {
        let (workers, clock) = (InMemoryWorkerStore(), ManualTime())
        let heartbeat = WorkerHeartbeat(
            TestFarm.me,
            ports: WorkerHeartbeat.Ports(
                workers: workers, protection: InMemoryProtection(), prices: RisingPrices(),
                time: clock),
            interval: .seconds(1800), log: Self.log)
        try await heartbeat.register()
        #expect(try await workers.worker(TestFarm.me.id)?.prices == [])
        await withTaskGroup { group in
            group.addTask { await heartbeat.run() }
            for _ in 0..<4 {
                await clock.whenAsleep()
                clock.advance(by: .seconds(1800))
            }
            await clock.whenAsleep()
            group.cancelAll()
        }
        let prices = try await workers.worker(TestFarm.me.id)?.prices.map(\.price.nanodollars)
        #expect(prices == [10_000_000, 20_000_000, 30_000_000])
    }
}
