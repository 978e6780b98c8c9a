import Farm
import FarmTesting
import Testing

@Suite struct `The drain policy` {
    private static let now = Timestamp.testStart
    private static let notice = now + .seconds(120)

    private static func decide(
        left: Int, frame: Duration?, elapsed: Duration = .zero, after passed: Duration = .zero
    ) -> DrainPolicy.Decision {
        let time = now + passed
        let progress = DrainPolicy.Progress(
            framesLeft: left, frameDuration: frame,
            frameStart: Timestamp(milliseconds: time.milliseconds - elapsed.milliseconds),
            isUploading: false)
        return DrainPolicy().decide(progress, deadline: notice, at: time)
    }

    @Test(arguments: [
        (1, 100.0, 0.0, DrainPolicy.Decision.finish), (1, 101, 0, .handBackNow),
        (1, 101, 1, .finish), (4, 25, 0, .finish), (5, 25, 0, .keep(frameCount: 4)),
        (2, 60, 0, .keep(frameCount: 1)), (2, 60, 20, .finish),
        (3, 3600, 3520, .keep(frameCount: 1)),
    ])
    func `keeps 20 seconds for the upload`(
        _ left: Int, _ frame: Double, _ elapsed: Double, _ decision: DrainPolicy.Decision
    ) {
        #expect(
            Self.decide(left: left, frame: .seconds(frame), elapsed: .seconds(elapsed))
                == decision)
    }

    @Test func `hands back at once when no frame was measured`() {
        #expect(Self.decide(left: 1, frame: nil) == .handBackNow)
    }

    @Test func `gives a frame up that turns out slower, in time for the upload`() {
        func later(_ seconds: Int) -> DrainPolicy.Decision {
            Self.decide(
                left: 1, frame: .seconds(30), elapsed: .seconds(seconds), after: .seconds(seconds))
        }
        #expect(later(100) == .finish)
        #expect(later(101) == .handBackNow)
    }

    @Test func `waits for an upload, but not to the very end`() {
        func uploading(_ left: Int, at seconds: Int) -> DrainPolicy.Decision {
            let time = Self.now + .seconds(seconds)
            let progress = DrainPolicy.Progress(
                framesLeft: left, frameDuration: .seconds(60), frameStart: time, isUploading: true)
            return DrainPolicy().decide(progress, deadline: Self.notice, at: time)
        }
        #expect(uploading(0, at: 114) == .finish)
        #expect(uploading(1, at: 114) == .keep(frameCount: 0))
        #expect(uploading(0, at: 115) == .handBackNow)
        #expect(uploading(1, at: 115) == .handBackNow)
    }

    @Test func `hands back what has no time left, as with hibernation`() {
        #expect(Self.decide(left: 1, frame: .seconds(1), after: .seconds(120)) == .handBackNow)
    }
}
