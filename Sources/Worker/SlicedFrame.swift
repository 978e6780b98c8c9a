internal import Operations
internal import Farm
internal import Synchronization

/// Renders a share of one frame in slices of its samples, and makes the frame when all are there.
///
///     open ─▶ look ─▶ slice ─▶ store ─┐     all shares' slices stored? ─▶ merge ─▶ frame ─▶ remove
///              ▲──────────────────────┘
///
/// What is stored is all the state there is. Whoever stores a share's last slice looks whether the
/// frame's are all there, and a look shows every slice stored before it: so of workers that end at
/// the same time at least one sees them all, and should two, their frames are equal. A worker that
/// dies before the frame is stored leaves a task that did not succeed: its next worker looks again.
struct SlicedFrame: Sendable {
    let name: FrameName
    let share: SampleShare
    let isForced: Bool
    /// Of the whole frame, for as long as nothing is measured.
    let expected: Duration?
    /// Path of the .blend on this machine.
    let scene: String
    let settings: RenderSettings
    let ports: Ports
    let limits: WorkerLimits
    let progress: RenderProgress

    struct Ports: Sendable {
        let slices: any SliceStore
        let frames: any FrameStore
        let engine: any SliceEngine
        let time: any TimeSource
    }

    /// Whether this made the frame whole.
    func render(in space: Workspace) async throws(SliceError) -> Bool {
        let course = Course()
        let directory = try await storing { () async throws(PortError) in
            try space.makeDirectory("slices-\(name.number)")
        }
        let request = SliceRequest(
            scene: scene, settings: settings, frame: name.number, isForced: isForced,
            directory: directory, log: space.log("slices-\(name.number)"),
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

    /// What one attempt has learned and made.
    private final class Course: Sendable {
        private struct State {
            var samples: Int?
            /// As agreed among the frame's workers.
            var shares: Int?
            var paths: [SampleRange: String] = [:]
            var storing: Duration = .zero
        }

        private let state = Mutex(State())

        var samples: Int? { state.withLock(\.samples) }
        var shares: Int? { state.withLock(\.shares) }

        /// Where this machine still has slices of its own.
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
        // Its slices may be removed by now: nothing of it is to be rendered again.
        if try await ports.frames.contains(name) { return nil }
        try await agree(measured, course)
        let cover = SampleCoverage(
            try await ports.slices.ranges(of: name), samples: measured.samples)
        var gaps = gaps(in: cover, measured.samples, course)
        if gaps.isEmpty, course.shares == nil {
            // The share must not grow once its task has succeeded, so its size is settled first.
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

    /// Looks so often before it gives up: each time someone else has made progress.
    private static let looksMax = 3

    private enum Look {
        /// The frame is stored, or others have samples to render: the last of them merges.
        case over
        /// Something vanished under our eyes.
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
                "slices that were stored are gone; it is tried again"))
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

    /// `nil` when a slice is gone: another worker was first, and has stored the frame.
    private func fetch(
        _ ranges: [SampleRange], _ course: Course, in space: Workspace
    ) async throws(PortError) -> [MergeRequest.Part]? {
        let directory = try space.makeDirectory("fetched-\(name.number)")
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
            try space.makeDirectory("merged-\(name.number)")
        }
        return try await ports.engine.merge(
            MergeRequest(
                scene: scene, settings: settings, frame: name.number, slices: parts,
                directory: directory, log: space.log("merge-\(name.number)"),
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
