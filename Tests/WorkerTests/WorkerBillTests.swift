import Farm
import FarmTesting
import Logging
import Synchronization
import Testing
import Worker

@Suite struct `A worker's record` {
    @Test func `remembers whose tasks it had and what it costs, through a restart`() async throws {
        let bench = try await Bench(frames: 1)
        _ = try await bench.turn()
        #expect(try await bench.workers.worker(Bench.me.id)?.jobs == [bench.job])
        let again = Presence(
            Bench.me,
            ports: Presence.Ports(
                workers: bench.workers, protection: InMemoryProtection(),
                prices: FixedPrices(Money(decimal: "0.15")), time: bench.time),
            interval: .seconds(30), log: Self.log)
        try await again.register()
        let known = try #require(try await bench.workers.worker(Bench.me.id))
        #expect(known.jobs == [bench.job])
        #expect(known.prices.map(\.price) == [Money(decimal: "0.15")])
    }

    private static let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// A cent, and with each hour one more; at first nobody can tell.
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

    @Test func `has the price of each of its hours, though it could not be learned at once`()
        async throws
    {
        let (workers, clock) = (InMemoryWorkerStore(), ManualTime())
        let presence = Presence(
            Bench.me,
            ports: Presence.Ports(
                workers: workers, protection: InMemoryProtection(), prices: RisingPrices(),
                time: clock),
            interval: .seconds(1800), log: Self.log)
        try await presence.register()
        #expect(try await workers.worker(Bench.me.id)?.prices == [])
        await withTaskGroup { group in
            group.addTask { await presence.run() }
            for _ in 0..<4 {
                await clock.whenAsleep()
                clock.advance(by: .seconds(1800))
            }
            await clock.whenAsleep()
            group.cancelAll()
        }
        let prices = try await workers.worker(Bench.me.id)?.prices.map(\.price.nanodollars)
        #expect(prices == [10_000_000, 20_000_000, 30_000_000])
    }
}
