import Farm
import Testing

@Suite struct `A frame's time limit` {
    private let policy = FrameLimitPolicy()

    private func measured(_ frames: Int, mean seconds: Double) -> RenderTime {
        RenderTime(frames: frames, milliseconds: Int64(seconds * 1000 * Double(frames)))
    }

    @Test func `is the general one until enough frames are rendered`() {
        #expect(policy.limit(after: nil, hasTimedOut: false) == FrameLimit(policy.general))
        let few = measured(policy.framesMin - 1, mean: 2)
        #expect(policy.limit(after: few, hasTimedOut: false) == FrameLimit(policy.general))
    }

    @Test func `is learnt from its neighbours then`() {
        let frames = measured(policy.framesMin, mean: 60)
        let limit = policy.limit(after: frames, hasTimedOut: false)
        #expect(limit.duration == .seconds(600))
        #expect(limit.words == "600 s, learnt from 8 frames of this job, of 60.0 s in the mean")
    }

    @Test func `says nothing of the scene's opening`() {
        let limit = policy.limit(after: measured(100, mean: 2), hasTimedOut: false)
        #expect(limit.opening == policy.general)
    }

    @Test func `is not shorter than what a slow disk may take`() {
        #expect(
            policy.limit(after: measured(100, mean: 0.5), hasTimedOut: false).duration
                == policy.floor)
    }

    @Test func `grows past the general one with frames that long`() {
        let limit = policy.limit(after: measured(20, mean: 3000), hasTimedOut: false)
        #expect(limit.duration > policy.general)
    }

    @Test
    func `is the general one for a task that was ended before, which may be heavy and not hung`() {
        let limit = policy.limit(after: measured(100, mean: 2), hasTimedOut: true)
        #expect(limit == FrameLimit(policy.general))
        #expect(limit.words == "3600 s")
    }
}
