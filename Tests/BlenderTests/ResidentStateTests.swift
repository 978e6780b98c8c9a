import Testing

@testable import Blender

@Suite struct `The state of a resident Blender` {
    private struct Ask: ResidentRequest, Equatable {
        let number: Int
        let opening: String

        init(_ number: Int, _ opening: String) {
            self.number = number
            self.opening = opening
        }
    }

    private typealias State = ResidentState<Ask>

    /// Actions in words, after each of the events.
    private func actions(_ events: State.Event...) -> [String] {
        var state = State()
        return events.map { event in
            switch state.apply(event) {
            case .wait(let turn, isLimited: true): "wait \(turn)"
            case .wait(_, isLimited: false): "wait"
            case .start(let ask): "start \(ask.number)"
            case .serve(let ask): "serve \(ask.number)"
            case .end: "end"
            case .finish: "finish"
            }
        }
    }

    private static let first = State.Event.asked(Ask(1, "beads"))

    @Test func `serves the next request for the same scene with the same process`() {
        #expect(
            actions(
                Self.first, .served(isReady: true), .asked(Ask(2, "beads")), .served(isReady: true)
            ) == ["start 1", "wait 1", "serve 2", "wait 2"])
    }

    @Test func `ends the process before another scene gets one`() {
        #expect(
            actions(Self.first, .served(isReady: true), .asked(Ask(2, "glass")), .ended)
                == ["start 1", "wait 1", "end", "start 2"])
    }

    @Test func `ends the process after a request that is not complete`() {
        #expect(
            actions(Self.first, .served(isReady: false), .ended, .asked(Ask(2, "beads")))
                == ["start 1", "end", "wait", "start 2"])
    }

    @Test func `starts another process after one that did not start`() {
        #expect(
            actions(Self.first, .ended, .asked(Ask(2, "beads"))) == ["start 1", "wait", "start 2"])
    }

    @Test func `ends an idle process when its wait is over`() {
        #expect(
            actions(Self.first, .served(isReady: true), .waited(turn: 1), .ended)
                == ["start 1", "wait 1", "end", "wait"])
    }

    @Test func `ignores the timer of an earlier wait`() {
        #expect(
            actions(
                Self.first, .served(isReady: true), .asked(Ask(2, "beads")),
                .served(isReady: true), .waited(turn: 1), .waited(turn: 2)
            ) == ["start 1", "wait 1", "serve 2", "wait 2", "wait 2", "end"])
        #expect(
            actions(Self.first, .served(isReady: false), .ended, .waited(turn: 1))
                == ["start 1", "end", "wait", "wait"])
    }

    @Test func `ends an idle process when no more requests follow, and finishes`() {
        #expect(
            actions(Self.first, .served(isReady: true), .closed, .ended, .closed)
                == ["start 1", "wait 1", "end", "wait", "finish"])
        #expect(actions(.closed) == ["finish"])
    }
}
