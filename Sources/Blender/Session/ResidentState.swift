/// What a resident Blender does next: event in, action out.
///
///     state     event                      action    next state
///     absent    asked                      start     serving
///     serving   served, ready              wait      idle
///     serving   served, not ready          end       ending
///     idle      asked, same opening        serve     serving
///     idle      asked, other opening       end       ending
///     idle      waited, or closed          end       ending
///     ending    ended                      wait      absent
///     ending    ended, a request waits     start     serving
///     absent    closed                     finish    over
///
/// The next Blender starts only after the one before has ended. So there are never two.
struct ResidentState<Request: ResidentRequest>: Sendable {
    enum Event: Sendable {
        /// A request asks for a Blender.
        case asked(Request)
        /// Blender has served its request.
        ///
        /// - Parameter isReady: The request wants to keep Blender, and Blender still runs.
        case served(isReady: Bool)
        /// The time of this wait is over.
        case waited(turn: Int)
        /// The process is gone, or did not start.
        case ended
        /// No more requests follow.
        case closed
    }

    enum Action: Sendable {
        /// Wait for a request: for a limited time while an idle Blender holds memory.
        ///
        /// - Parameter turn: Identifies this wait in `waited`.
        case wait(turn: Int, isLimited: Bool)
        /// Start a Blender, which then serves this request.
        case start(Request)
        /// Serve this request with the Blender that runs.
        case serve(Request)
        /// End the process.
        case end
        /// Return.
        case finish
    }

    private enum Phase: Sendable {
        case absent
        case serving(Request.Opening)
        case idle(Request.Opening)
        /// The process ends, and then this request gets a Blender.
        case ending(next: Request?)
        case over
    }

    private var phase = Phase.absent
    private var turn = 0

    /// The action before the first event.
    var first: Action { .wait(turn: turn, isLimited: false) }

    mutating func apply(_ event: Event) -> Action {
        switch (phase, event) {
        case (.absent, .asked(let request)):
            phase = .serving(request.opening)
            return .start(request)
        case (.absent, .closed):
            phase = .over
            return .finish
        case (.absent, .waited): return .wait(turn: turn, isLimited: false)
        case (.serving(let opening), .served(isReady: true)):
            phase = .idle(opening)
            turn += 1
            return .wait(turn: turn, isLimited: true)
        case (.serving, .served(isReady: false)): return end()
        case (.idle(let opening), .asked(let request)):
            guard request.opening == opening else { return end(before: request) }
            phase = .serving(opening)
            return .serve(request)
        case (.idle, .waited(let waited)):
            // The timer of an earlier wait may come late.
            return waited == turn ? end() : .wait(turn: turn, isLimited: true)
        case (.idle, .closed): return end()
        case (.ending(let next?), .ended):
            phase = .serving(next.opening)
            return .start(next)
        case (.ending(nil), .ended), (.serving, .ended):
            phase = .absent
            return .wait(turn: turn, isLimited: false)
        case (.absent, .served), (.absent, .ended), (.serving, .asked), (.serving, .waited),
            (.serving, .closed), (.idle, .served), (.idle, .ended), (.ending, .asked),
            (.ending, .served), (.ending, .waited), (.ending, .closed), (.over, _):
            preconditionFailure("A resident Blender that is \(phase) gets no event \(event).")
        }
    }

    private mutating func end(before next: Request? = nil) -> Action {
        phase = .ending(next: next)
        return .end
    }
}

/// The part of a request that decides which Blender can serve it.
protocol ResidentRequest: Sendable {
    associatedtype Opening: Hashable, Sendable
    /// A Blender serves every request with the opening it was started for.
    var opening: Opening { get }
}

extension BlenderSession: ResidentRequest {
    var opening: BlenderOpening { command.opening }
}
