import Farm
import Foundation
import Synchronization

/// A render engine that follows a script, frame by frame.
final class ScriptedEngine: RenderEngine {
    indirect enum Act: Sendable {
        case render
        case fail(RenderFailure)
        /// Renders nothing until it is canceled.
        case hang
        /// Hangs until the test calls `release`, then renders.
        case wait
        /// Runs a closure, then continues with another action.
        case after(@Sendable () async -> Void, Act)
    }

    private struct State {
        var acts: [Int: Act] = [:]
        var requests: [RenderRequest] = []
        var onHang: [CheckedContinuation<Void, Never>] = []
        var hangCount = 0
        var onRelease: [AsyncStream<Never>.Continuation] = []
    }

    private let state = Mutex(State())
    let versions = Mutex([BlenderVersion(major: 4, minor: 5, patch: 1)])
    let slicing = Mutex(Slicing())
    let assembled = Mutex(Assembled())

    func script(_ frame: Int, _ act: Act) {
        state.withLock { $0.acts[frame] = act }
    }

    var requests: [RenderRequest] { state.withLock(\.requests) }

    /// Releases waiting frames.
    func release() {
        let waiting = state.withLock { state in
            defer { state.onRelease = [] }
            return state.onRelease
        }
        for one in waiting { one.finish() }
    }

    /// Returns when a render hangs for the `count`th time.
    func whenHanging(_ count: Int = 1) async {
        await withCheckedContinuation { continuation in
            let isHanging = state.withLock { state in
                if state.hangCount >= count { return true }
                state.onHang.append(continuation)
                return false
            }
            if isHanging { continuation.resume() }
        }
    }

    func blender(for settings: RenderSettings) throws(RenderFailure) -> BlenderVersion? {
        try versions.withLock { versions throws(RenderFailure) in
            try BlenderChoice.choose(for: settings.savedBy, among: versions)
        }
    }

    func render(
        _ request: RenderRequest,
        store: @Sendable (RenderedFrame) async throws(PortError) -> Void
    ) async throws(RenderError) {
        state.withLock { $0.requests.append(request) }
        for number in request.frames.frames {
            let act = state.withLock { $0.acts[number] ?? .render }
            try await perform(act, number, request, store)
        }
    }

    private func perform(
        _ act: Act, _ number: Int, _ request: RenderRequest,
        _ store: @Sendable (RenderedFrame) async throws(PortError) -> Void
    ) async throws(RenderError) {
        switch act {
        case .render:
            try await renderOne(number, request, store)
        case .fail(let failure):
            throw .failed(failure)
        case .hang:
            await hang()
            throw .canceled
        case .wait:
            await hang()
            if Task.isCancelled { throw .canceled }
            try await renderOne(number, request, store)
        case .after(let happening, let act):
            await happening()
            try await perform(act, number, request, store)
        }
    }

    private func renderOne(
        _ number: Int, _ request: RenderRequest,
        _ store: @Sendable (RenderedFrame) async throws(PortError) -> Void
    ) async throws(RenderError) {
        let path = "\(request.directory)/\(number).png"
        do {
            try Data("picture \(number)".utf8).write(to: URL(filePath: path))
            try Data("Fra:\(number)\n".utf8).write(to: URL(filePath: request.log))
        } catch {
            throw .failed(RenderFailure(.disk, "\(error)"))
        }
        do {
            try await store(
                RenderedFrame(
                    number: number, path: path, byteCount: 9, duration: .milliseconds(250),
                    use: MachineUse(
                        device: "CPU", memoryPeak: Int64(400 - 100 * number) << 20,
                        synchronizing: .milliseconds(10))))
        } catch {
            throw .storing(error)
        }
    }

    func hang() async {
        let (never, continuation) = AsyncStream<Never>.makeStream()
        let waiting = state.withLock { state in
            state.hangCount += 1
            state.onRelease.append(continuation)
            defer { state.onHang = [] }
            return state.onHang
        }
        for one in waiting { one.resume() }
        // Ends when the task is canceled.
        for await _ in never {}
        continuation.finish()
    }
}
