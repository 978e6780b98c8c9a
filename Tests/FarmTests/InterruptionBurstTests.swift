import Farm
import FarmTesting
import Testing

@Suite struct `An interruption burst` {
    private func reclaims(_ count: Int, in zone: String = "us-east-1a") -> [PoolReclaim] {
        (0..<count).map {
            PoolReclaim(
                worker: WorkerID("\(zone)-\($0)"),
                pool: Pool(instanceType: "c5a.2xlarge", zone: zone), time: .testStart)
        }
    }

    private func members(_ count: Int) -> [WorkerID] { (0..<count).map { WorkerID("m-\($0)") } }

    @Test(arguments: [(2, 0, false), (3, 0, true), (3, 27, true), (3, 28, false), (100, 900, true)])
    func `is at least three instances and a tenth of the fleet`(
        _ taken: Int, _ others: Int, _ isBurst: Bool
    ) {
        let burst = InterruptionBurst(reclaims(taken), members: members(others))
        #expect((burst != nil) == isBurst)
    }

    @Test func `counts an instance once, even if it is still listed or reported twice`() throws {
        let taken = reclaims(3)
        let burst = try #require(
            InterruptionBurst(taken + taken, members: taken.map(\.worker) + members(2)))
        #expect(burst.count == 3 && burst.fleet == 5)
    }

    @Test func `names the pools, the worst first`() throws {
        let burst = try #require(
            InterruptionBurst(reclaims(1) + reclaims(4, in: "us-east-1b"), members: []))
        #expect(burst.pools.map(\.count) == [4, 1])
        #expect(burst.pools[0].pool.contains("us-east-1b"))
    }
}
