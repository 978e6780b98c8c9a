package import Farm
import Synchronization

/// A clock that stands until a test moves it. Sleepers park until then.
package final class ManualTime: TimeSource {
    private struct Sleeper {
        let until: Timestamp
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct Watcher {
        let count: Int
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var now: Timestamp
        var nextID = 0
        var sleepers: [Int: Sleeper] = [:]
        /// Canceled before they parked.
        var canceled: Set<Int> = []
        var watchers: [Watcher] = []
    }

    private let state: Mutex<State>

    package init(start: Timestamp = .testStart) {
        state = Mutex(State(now: start))
    }

    package func now() -> Timestamp { state.withLock { $0.now } }

    package var sleeperCount: Int { state.withLock { $0.sleepers.count } }

    package func sleep(for duration: Duration) async throws(CancellationError) {
        guard duration > .zero else {
            if Task.isCancelled { throw CancellationError() }
            return
        }
        let id = state.withLock {
            $0.nextID += 1
            return $0.nextID
        }
        let isRested = await withTaskCancellationHandler {
            await withCheckedContinuation { park($0, as: id, for: duration) }
        } onCancel: {
            cancel(id)
        }
        guard isRested else { throw CancellationError() }
    }

    /// Moves the clock and wakes all sleepers that are due, in the order of their times.
    package func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.now = state.now + duration
            let due = state.sleepers.filter { $0.value.until <= state.now }
                .sorted { ($0.value.until, $0.key) < ($1.value.until, $1.key) }
            for (id, _) in due { state.sleepers[id] = nil }
            return due.map(\.value.continuation)
        }
        for continuation in woken { continuation.resume(returning: true) }
    }

    /// Returns once `count` tasks sleep at the same time, so that a test knows when to advance.
    package func whenAsleep(_ count: Int = 1) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.sleepers.count >= count { return true }
                state.watchers.append(Watcher(count: count, continuation: continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }

    private func park(
        _ continuation: CheckedContinuation<Bool, Never>, as id: Int, for duration: Duration
    ) {
        let watchers: [Watcher]? = state.withLock { state in
            if state.canceled.remove(id) != nil { return nil }
            state.sleepers[id] = Sleeper(
                until: state.now + duration, continuation: continuation)
            let reached = state.watchers.filter { $0.count <= state.sleepers.count }
            state.watchers.removeAll { $0.count <= state.sleepers.count }
            return reached
        }
        guard let watchers else {
            continuation.resume(returning: false)
            return
        }
        for watcher in watchers { watcher.continuation.resume() }
    }

    private func cancel(_ id: Int) {
        let sleeper = state.withLock { state in
            let sleeper = state.sleepers.removeValue(forKey: id)
            // Also inserted for a sleeper that has woken. That is harmless: ids are never reused.
            if sleeper == nil { state.canceled.insert(id) }
            return sleeper
        }
        sleeper?.continuation.resume(returning: false)
    }
}

/// A clock that moves by itself: a sleeper wakes at once, and the clock has moved by its sleep.
package final class LeapingTime: TimeSource {
    private let moment: Mutex<Timestamp>

    package init(start: Timestamp = .testStart) {
        moment = Mutex(start)
    }

    package func now() -> Timestamp { moment.withLock { $0 } }

    package func sleep(for duration: Duration) async throws(CancellationError) {
        if Task.isCancelled { throw CancellationError() }
        moment.withLock { $0 = $0 + max(duration, .zero) }
        await Task.yield()
    }
}

extension Timestamp {
    /// 2026-11-21T08:00:00Z
    package static let testStart = Timestamp(milliseconds: 1_795_248_000_000)
}
