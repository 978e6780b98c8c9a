import Farm
import FarmTesting
import Testing

@Suite struct `A forecast` {
    @Test func `is nothing without workers or measurements`() {
        #expect(Forecast(samples: [], framesLeft: 10, workers: 2) == nil)
        #expect(Forecast(samples: [3], framesLeft: 10, workers: 0) == nil)
    }

    @Test func `divides what is left among the workers`() throws {
        let even = try #require(Forecast(samples: [4, 4, 4], framesLeft: 10, workers: 2))
        #expect(even.likely == .seconds(20) && even.early == even.late)
        let few = try #require(Forecast(samples: [4, 4, 4], framesLeft: 1, workers: 9))
        #expect(few.likely == .seconds(4))
    }

    @Test func `of a single measurement is a wide one`() throws {
        let one = try #require(Forecast(samples: [10], framesLeft: 10, workers: 1))
        #expect(one.early < .seconds(60) && one.late > .seconds(140))
    }

    /// Frames of 5 to 15 s drawn from a seed, on one worker: four in five ends lie in between.
    @Test func `holds the end in four cases of five`() throws {
        var random = SeededGenerator(seed: 7)
        var hits = 0
        for _ in 0..<1_000 {
            let samples = (0..<12).map { _ in Double.random(in: 5...15, using: &random) }
            let rest = (0..<40).reduce(0.0) { sum, _ in
                sum + Double.random(in: 5...15, using: &random)
            }
            let forecast = try #require(Forecast(samples: samples, framesLeft: 40, workers: 1))
            if forecast.early <= .seconds(rest), .seconds(rest) <= forecast.late { hits += 1 }
        }
        #expect((740...860).contains(hits), "\(hits) of 1,000")
    }
}
