import Farm
import FarmTesting
import Testing

private func range(_ start: Int, _ end: Int) -> SampleRange {
    SampleRange(start: start, count: end - start)
}

@Suite struct `The coverage of slices` {
    @Test func `without slices lacks every sample`() {
        #expect(SampleCoverage([], samples: 64).missing == [range(0, 64)])
    }

    @Test func `is whole when slices meet end to end, in any order`() {
        let cover = SampleCoverage([range(32, 64), range(0, 10), range(10, 32)], samples: 64)
        #expect(cover.parts == [range(0, 10), range(10, 32), range(32, 64)])
        #expect(cover.missing.isEmpty)
    }

    @Test func `uses the overlapping slices that lack the fewest samples`() {
        let cover = SampleCoverage(
            [range(0, 16), range(8, 24), range(16, 32), range(8, 16), range(8, 32)], samples: 40)
        #expect(cover.parts == [range(0, 16), range(16, 32)])
        #expect(cover.missing == [range(32, 40)])
    }

    @Test func `leaves out slices beyond the frame's samples`() {
        let cover = SampleCoverage([range(0, 8), range(8, 24)], samples: 16)
        #expect(cover.parts == [range(0, 8)] && cover.missing == [range(8, 16)])
    }

    @Test func `lists the samples that a part of the frame lacks`() {
        let cover = SampleCoverage([range(10, 20), range(30, 40)], samples: 64)
        #expect(cover.missing(in: range(15, 50)) == [range(20, 30), range(40, 50)])
        #expect(cover.missing(in: range(12, 18)).isEmpty)
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func `and the missing ranges contain each sample once`(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let samples = Int.random(in: 1...40, using: &random)
        let stored = (0..<Int.random(in: 0...12, using: &random)).map { _ in
            SampleRange(
                start: Int.random(in: 0..<samples, using: &random),
                count: Int.random(in: 1...12, using: &random))
        }
        let cover = SampleCoverage(stored, samples: samples)
        #expect(cover.parts.allSatisfy(stored.contains))
        let each = (cover.parts + cover.missing).sorted { $0.start < $1.start }
        #expect(each.first?.start == 0 && each.last?.end == samples)
        #expect(zip(each, each.dropFirst()).allSatisfy { $0.end == $1.start })
        #expect(zip(cover.missing, cover.missing.dropFirst()).allSatisfy { $0.end < $1.start })
        // With the missing ranges stored too, the frame is complete.
        #expect(SampleCoverage(stored + cover.missing, samples: samples).missing.isEmpty)
    }
}
