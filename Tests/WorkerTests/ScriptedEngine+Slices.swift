import Farm
import Foundation
import Synchronization

extension ScriptedEngine {
    /// A scene with some samples. Each sample takes a second.
    struct Slicing: Sendable {
        var samples = 64
        var open: Duration = .seconds(1)
        /// Extra time of a frame's first slice.
        var sync: Duration = .seconds(1)
        var unsliceable: String?
        /// Called before a slice is rendered.
        var before: (@Sendable (SampleRange) async throws(SliceError) -> Void)?
        var rendered: [SampleRange] = []
        var openings = 0
    }

    /// Every completed slice, in order.
    var renderedSlices: [SampleRange] { slicing.withLock(\.rendered) }
}

extension ScriptedEngine: SliceEngine {
    func renderSlices(
        _ request: SliceRequest,
        next: @Sendable (SliceMeasurement) async throws(PortError) -> SampleRange?,
        store: @Sendable (RenderedSlice) async throws(PortError) -> Void
    ) async throws(SliceError) {
        let script = slicing.withLock { script in
            script.openings += 1
            return script
        }
        if let reason = script.unsliceable { throw .unsliceable(reason) }
        var measured: [SliceMeasurement.Slice] = []
        while true {
            let known = SliceMeasurement(
                samples: script.samples, openDuration: script.open, slices: measured)
            guard
                let range = try await storing({ () async throws(PortError) in
                    try await next(known)
                })
            else { return }
            try await script.before?(range)
            if Task.isCancelled { throw .canceled }
            slicing.withLock { $0.rendered.append(range) }
            let duration =
                .seconds(range.count) + (measured.isEmpty ? script.sync : .zero)
            let path = "\(request.directory)/\(range.start).exr"
            try write("\(range.start) \(range.end)", to: path)
            measured.append(.init(range: range, duration: duration))
            let slice = RenderedSlice(
                range: range, path: path, byteCount: 10, duration: duration)
            try await storing { () async throws(PortError) in try await store(slice) }
        }
    }

    /// The picture contains its number of samples. The engine refuses slices that do not match
    /// their names or do not meet end to end.
    func merge(_ request: MergeRequest) async throws(SliceError) -> RenderedFrame {
        var end = 0
        for part in request.slices {
            let text = String(
                decoding: FileManager.default.contents(atPath: part.path) ?? Data(), as: UTF8.self)
            guard part.range.start == end, text == "\(end) \(part.range.end)" else {
                throw .failed(RenderFailure(.noPicture, "\(part.range) has \(text) at \(end)"))
            }
            end = part.range.end
        }
        let path = "\(request.directory)/merged.png"
        try write("\(end) samples", to: path)
        return RenderedFrame(
            number: request.frame, path: path, byteCount: 9, duration: .milliseconds(20))
    }

    private func write(_ text: String, to path: String) throws(SliceError) {
        do {
            try Data(text.utf8).write(to: URL(filePath: path))
        } catch {
            throw .failed(RenderFailure(.disk, "\(error)"))
        }
    }

    private func storing<Result>(
        _ work: () async throws(PortError) -> Result
    ) async throws(SliceError) -> Result {
        do {
            return try await work()
        } catch {
            throw .storing(error)
        }
    }
}
