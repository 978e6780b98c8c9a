internal import Operations
internal import Farm
internal import Synchronization

/// Renders one frame, or a share of it, in slices of its samples. Merges the frame when all slices
/// are stored.
///
///     open ─▶ look ─▶ slice ─▶ store ─┐     all shares' slices stored? ─▶ merge ─▶ frame ─▶ remove
///              ▲──────────────────────┘
///
/// The stored slices are the only state. The worker that stores a share's last slice lists the
/// frame's slices, and the list shows every slice stored before. When workers end at the same time,
/// at least one of them sees all slices. If two workers merge, their frames are equal. A worker
/// that dies before it stores the frame leaves a task that has not succeeded: the next worker lists
/// again.
struct SlicedFrame: Sendable {
    let number: Int
    let leased: LeasedTask
    /// Render time of the whole frame, for as long as nothing is measured.
    let expected: Duration?
    /// Path of the .blend on this machine.
    let scene: String
    let ports: Ports
    let limits: WorkerLimits
    let progress: RenderProgress

    struct Ports: Sendable {
        let slices: any SliceStore
        let frames: any FrameStore
        let engine: any SliceEngine
        let time: any TimeSource
    }

    private var name: FrameName { leased.name(ofFrame: number) }
    private var share: SampleShare { leased.task.share }

    /// Whether this attempt merged the frame.
    func render(in space: Workspace) async throws(SliceError) -> Bool {
        let course = Course()
        let directory = try await storing { () async throws(PortError) in
            try space.makeDirectory("slices-\(number)")
        }
        let request = SliceRequest(
            scene: scene, settings: leased.settings, frame: number,
            isForced: leased.job.terms.slices.isForced,
            directory: directory, log: space.log("slices-\(number)"),
            sliceDurationMax: limits.frame.general)
        progress.begin(frames: 1, at: ports.time.now())
        try await ports.engine.renderSlices(
            request,
            next: { (measured) async throws(PortError) in try await next(measured, course) },
            store: { (slice) async throws(PortError) in try await store(slice, course) })
        progress.endSlices()
        guard let samples = course.samples else {
            preconditionFailure("An engine asks for slices before it ends.")
        }
        return try await conclude(samples, course, in: space)
    }

    // MARK: Slices

    /// What one attempt has learned and stored.
    private final class Course: Sendable {
        private struct State {
            var samples: Int?
            /// The number that the frame's workers agreed on.
            var shares: Int?
            var paths: [SampleRange: String] = [:]
            var storing: Duration = .zero
        }

        private let state = Mutex(State())

        var samples: Int? { state.withLock(\.samples) }
        var shares: Int? { state.withLock(\.shares) }

        /// Slices of this attempt that are still on this machine.
        var paths: [SampleRange: String] { state.withLock(\.paths) }

        /// Mean time to store a slice.
        var boundary: Duration? {
            state.withLock { $0.paths.isEmpty ? nil : $0.storing / $0.paths.count }
        }

        func learn(samples: Int) { state.withLock { $0.samples = samples } }

        func agree(on shares: Int) { state.withLock { $0.shares = shares } }

        func stored(_ slice: RenderedSlice, within duration: Duration) {
            state.withLock { state in
                state.paths[slice.range] = slice.path
                state.storing += duration
            }
        }
    }

    private func next(
        _ measured: SliceMeasurement, _ course: Course
    ) async throws(PortError) -> SampleRange? {
        course.learn(samples: measured.samples)
        progress.opened(measured)
        // The frame is stored and its slices may be removed: render none of it again.
        if try await ports.frames.contains(name) { return nil }
        try await agree(measured, course)
        let cover = SampleCoverage(
            try await ports.slices.ranges(of: name), samples: measured.samples)
        var gaps = gaps(in: cover, measured.samples, course)
        if gaps.isEmpty, course.shares == nil {
            // A share must not grow after its task has succeeded, so agree on its size first.
            course.agree(on: try await ports.slices.agree(onShares: share.count, of: name))
            gaps = self.gaps(in: cover, measured.samples, course)
        }
        guard let gap = gaps.first else { return nil }
        let range = limits.slices.next(
            in: gap, measured, frame: expected, boundary: course.boundary)
        let frame = measured.frameDuration ?? expected
        progress.beginSlice(
            left: gaps.reduce(0) { $0 + ($1.count + range.count - 1) / range.count },
            length: frame.map { $0 * range.count / measured.samples }, at: ports.time.now())
        if let frame = measured.frameDuration {
            let plan = limits.slices.plan(frame: frame, boundary: course.boundary)
            progress.decide(.slices(plan, spread(course)))
        }
        return range
    }

    private func spread(_ course: Course) -> SliceDecision.Spread {
        guard share.count > 1 else { return .none }
        guard let shares = course.shares, shares != share.count else { return .share(share) }
        return .over(shares, of: share.count)
    }

    private func agree(
        _ measured: SliceMeasurement, _ course: Course
    ) async throws(PortError) {
        guard course.shares == nil else { return }
        if share.count == 1 { return course.agree(on: 1) }
        if let agreed = try await ports.slices.shares(of: name) {
            return course.agree(on: agreed)
        }
        guard let proposal = limits.slices.shares(asked: share.count, measured) else { return }
        course.agree(on: try await ports.slices.agree(onShares: proposal, of: name))
    }

    private func gaps(in cover: SampleCoverage, _ samples: Int, _ course: Course) -> [SampleRange] {
        share.range(of: samples, among: course.shares ?? share.count)
            .map { cover.missing(in: $0) } ?? []
    }

    private func store(_ slice: RenderedSlice, _ course: Course) async throws(PortError) {
        progress.isStoring()
        let start = ports.time.now()
        try await ports.slices.store(slice.range, of: name, from: slice.path)
        let duration = ports.time.now() - start
        course.stored(slice, within: duration)
        progress.stored(slice, within: duration)
    }

    // MARK: The frame

    /// Checks before it gives up. Between two checks another worker has made progress.
    private static let looksMax = 3

    private enum Look {
        /// The frame is stored, or other workers still render samples: the last of them merges.
        case over
        /// A slice was removed between two calls.
        case again
        case merge([MergeRequest.Part])
    }

    private func conclude(
        _ samples: Int, _ course: Course, in space: Workspace
    ) async throws(SliceError) -> Bool {
        for _ in 1...Self.looksMax {
            let start = ports.time.now()
            let found = try await storing { () async throws(PortError) -> Look in
                try await look(samples, course, in: space)
            }
            switch found {
            case .over: return false
            case .again: continue
            case .merge(let parts):
                let frame = try await merge(parts, in: space)
                try await storing { () async throws(PortError) -> Void in
                    try await ports.frames.keep(frame, as: name)
                    progress.merged(frame, within: ports.time.now() - start)
                    try await ports.slices.removeAll(of: name)
                }
                return true
            }
        }
        throw .storing(
            PortError(
                .missing, "merge the slices of \(name.fileName) of \(name.job)",
                "stored slices are gone; the task is tried again"))
    }

    private func look(
        _ samples: Int, _ course: Course, in space: Workspace
    ) async throws(PortError) -> Look {
        if try await ports.frames.contains(name) {
            try await ports.slices.removeAll(of: name)
            return .over
        }
        let cover = SampleCoverage(try await ports.slices.ranges(of: name), samples: samples)
        guard gaps(in: cover, samples, course).isEmpty else { return .again }
        guard cover.missing.isEmpty else { return .over }
        return try await fetch(cover.parts, course, in: space).map { .merge($0) } ?? .again
    }

    /// `nil` when a slice is gone: another worker has merged and stored the frame.
    private func fetch(
        _ ranges: [SampleRange], _ course: Course, in space: Workspace
    ) async throws(PortError) -> [MergeRequest.Part]? {
        let directory = try space.makeDirectory("fetched-\(number)")
        var parts: [MergeRequest.Part] = []
        for range in ranges {
            if let path = course.paths[range] {
                parts.append(MergeRequest.Part(range: range, path: path))
                continue
            }
            let path = "\(directory)/\(range.start)-\(range.end).exr"
            do {
                try await ports.slices.download(range, of: name, to: path)
            } catch {
                guard error.kind == .missing else { throw error }
                return nil
            }
            parts.append(MergeRequest.Part(range: range, path: path))
        }
        return parts
    }

    private func merge(
        _ parts: [MergeRequest.Part], in space: Workspace
    ) async throws(SliceError) -> RenderedFrame {
        let directory = try await storing { () async throws(PortError) in
            try space.makeDirectory("merged-\(number)")
        }
        return try await ports.engine.merge(
            MergeRequest(
                scene: scene, settings: leased.settings, frame: number, slices: parts,
                directory: directory, log: space.log("merge-\(number)"),
                durationMax: limits.frame.general))
    }

    private func storing<Result>(
        _ work: () async throws(PortError) -> Result
    ) async throws(SliceError) -> Result {
        do {
            return try await work()
        } catch {
            throw Task.isCancelled ? .canceled : .storing(error)
        }
    }
}
