/// The requests of a resident Blender, one after another, and the end of its waits.
struct ResidentInbox {
    typealias Event = ResidentState<BlenderSession>.Event

    private var events: AsyncStream<Event>.Iterator
    private let asked: AsyncStream<Event>.Continuation

    init(_ events: AsyncStream<Event>, _ asked: AsyncStream<Event>.Continuation) {
        self.events = events.makeAsyncIterator()
        self.asked = asked
    }

    /// The next event. `waited` of this turn comes after `limit`.
    mutating func next(_ turn: Int, within limit: Duration?) async -> Event {
        let asked = asked
        return await withTaskGroup(of: Void.self) { group in
            if let limit {
                group.addTask {
                    do {
                        try await ContinuousClock().sleep(for: limit)
                        asked.yield(.waited(turn: turn))
                    } catch {
                        // A request came first.
                    }
                }
            }
            defer { group.cancelAll() }
            return await events.next() ?? .closed
        }
    }
}
