import Farm
import Testing

@Suite struct `What a machine was asked` {
    @Test func `adds up: times to their sum, memory to the largest`() {
        var sum = MachineUse(memoryPeak: 300, synchronizing: .seconds(2))
        sum += MachineUse(device: "CPU", memoryPeak: 200, finishing: .seconds(1))
        sum += MachineUse(device: "HIP: V520", synchronizing: .seconds(1))
        #expect(
            sum
                == MachineUse(
                    device: "CPU", memoryPeak: 300, synchronizing: .seconds(3),
                    finishing: .seconds(1)))
    }

    @Test(arguments: [
        (0, "0 MiB"), (241_958_912, "231 MiB"), (1_073_741_823, "1.0 GiB"),
        (5_583_457_485, "5.2 GiB"), (68_719_476_736, "64.0 GiB"),
    ])
    func `has memory in words`(_ bytes: Int64, _ words: String) {
        #expect(MachineUse.words(bytes: bytes) == words)
    }

    @Test func `leaves the rest of Blender's time to the samples`() {
        let phases = AttemptPhases(
            RenderReport(
                renderMilliseconds: 60_000, fetchMilliseconds: 3_000, openMilliseconds: 9_000,
                storeMilliseconds: 500,
                use: MachineUse(synchronizing: .seconds(7), finishing: .seconds(4)),
                slicing: SlicingReport(
                    decision: .slices(nil, .none), storeMilliseconds: 1_500,
                    mergeMilliseconds: 2_000)))
        let seconds = AttemptPhases.Phase.allCases.map { phases[$0] / .seconds(1) }
        #expect(seconds == [3, 9, 7, 40, 4, 2, 2])
        #expect(phases.total == .seconds(67))
    }

    @Test func `is no more than was told`() {
        #expect(AttemptPhases(RenderReport()).total == .zero)
        #expect(AttemptPhases([Attempt]()).total == .zero)
    }
}
