internal import Glibc

/// Decides whether a frame is rendered in slices of its samples, and how long the slices are. Pure:
/// facts about the frame in, a decision out.
///
/// A reclaim loses the work in progress: a whole frame, or one slice. A slice costs its boundary:
/// Blender waits while the slice is written, checked and uploaded. So slices pay when frames are
/// long and reclaims frequent. A 60-minute frame at 1.3 reclaims an hour takes twice its time when
/// rendered whole. A ten-minute frame at 0.008 loses less than a thousandth.
package struct SlicePolicy: Hashable, Sendable {
    /// The rate of the worker's pool.
    package var reclaims = ReclaimRate.assumed
    /// Work that ends within this time after a notice is not lost: EC2's two minutes minus the
    /// upload.
    package var slack: Duration = .seconds(100)
    /// The boundary of a slice before one was measured: storing about 100 MB of floats.
    package var assumedBoundary: Duration = .seconds(5)
    /// The first slice of an unmeasured frame has 1/64 of the samples. It is kept, and its time
    /// decides the length of the others.
    package var probePart = 64

    package init() {}

    // MARK: Whole or in slices

    /// Whether the choice depends on the rate of reclaims, so that reading it is worth a call.
    package func weighsReclaims(
        frame: Duration?, engine: Engine, terms: SliceTerms
    ) -> Bool {
        guard engine == .cycles else { return false }
        return terms.isForced || terms.shares > 1 || frame.map { $0 > slack } ?? false
    }

    /// - Parameters:
    ///   - frame: Expected time of a whole frame; `nil` when it is unknown.
    package func decide(
        frame: Duration?, engine: Engine, terms: SliceTerms
    ) -> SliceDecision {
        guard engine == .cycles else { return .whole(.otherEngine) }
        let spread: SliceDecision.Spread = terms.shares > 1 ? .upTo(terms.shares) : .none
        if terms.isForced || terms.shares > 1 {
            return .slices(frame.map { self.plan(frame: $0) }, spread)
        }
        guard let frame else { return .whole(.unknownTime) }
        guard frame > slack else { return .whole(.withinNotice(frame: frame, slack: slack)) }
        let plan = self.plan(frame: frame)
        guard plan.pays else { return .whole(.slicesCostMore(plan)) }
        return .slices(plan, .none)
    }

    /// The longest time of an interrupted attempt without a finished frame. The frame takes longer
    /// than that.
    package static func leastFrame(of task: TaskID, after attempts: [Attempt]) -> Duration? {
        attempts.filter { attempt in
            guard attempt.task == task, attempt.report?.frameCount ?? 0 == 0 else { return false }
            switch attempt.outcome {
            case .interrupted, .expired: return true
            case .succeeded, .failed, .canceled: return false
            }
        }.map { $0.end - $0.start }.max()
    }

    /// Expected figures of a frame with known time.
    package struct Plan: Hashable, Sendable {
        package let length: Duration
        /// Render time per frame that reclaims cost without slices.
        package let wholeWaste: Duration
        /// Render time per frame that reclaims and the boundaries of slices cost.
        package let slicedWaste: Duration
        package let reclaims: ReclaimRate

        package init(
            length: Duration, wholeWaste: Duration, slicedWaste: Duration, reclaims: ReclaimRate
        ) {
            self.length = length
            self.wholeWaste = wholeWaste
            self.slicedWaste = slicedWaste
            self.reclaims = reclaims
        }

        package var pays: Bool { slicedWaste < wholeWaste }
    }

    /// - Parameter boundary: The measured boundary; `nil` before a slice was stored.
    package func plan(frame: Duration, boundary: Duration? = nil) -> Plan {
        let cost = boundary ?? assumedBoundary
        // A slice that fits into the time after a notice is never lost: shorter slices save
        // nothing.
        let lengths = [min(frame, slack), min(frame, max(slack, youngsLength(cost)))]
        let wastes = lengths.map { length in
            let count = Double((frame / length).rounded(.up))
            return (length: length, waste: (cost + expectedLoss(of: length)) * count)
        }
        let best = wastes[1].waste < wastes[0].waste ? wastes[1] : wastes[0]
        return Plan(
            length: best.length, wholeWaste: expectedLoss(of: frame), slicedWaste: best.waste,
            reclaims: reclaims)
    }

    /// Mean render time that is lost until some work is done, when it starts over after each
    /// reclaim. A reclaim shortly before the end loses nothing: the work ends after the notice.
    package func expectedLoss(of work: Duration) -> Duration {
        Self.expectedLoss(of: max(.zero, work - slack), reclaimsPerHour: reclaims.perHour)
    }

    /// (e^(λT) − 1)/λ − T, for random reclaims with rate λ. At most a year.
    package static func expectedLoss(of work: Duration, reclaimsPerHour: Double) -> Duration {
        let rate = reclaimsPerHour / 3600
        guard rate > 0 else { return .zero }
        let seconds = expm1(rate * work.seconds) / rate - work.seconds
        return .seconds(min(seconds, 365 * 86_400))
    }

    /// The interval between saves with the least waste: √(2 · cost · mean time between reclaims)
    /// (Young 1974, "A first order approximation to the optimum checkpoint interval").
    private func youngsLength(_ cost: Duration) -> Duration {
        guard reclaims.perHour > 0 else { return .seconds(365 * 86_400) }
        return .seconds((2 * cost.seconds * 3600 / reclaims.perHour).squareRoot())
    }

    // MARK: The next slice

    /// The next slice: the first part of `gap`, of the right length. The rest divides evenly.
    ///
    /// - Parameters:
    ///   - frame: Expected time of a whole frame, used before a measurement.
    package func next(
        in gap: SampleRange, _ measured: SliceMeasurement, frame: Duration?, boundary: Duration?
    ) -> SampleRange {
        let time = measured.frameDuration ?? frame
        guard let time, time > .zero else {
            let probe = max(1, measured.samples / probePart)
            return SampleRange(start: gap.start, count: min(probe, gap.count))
        }
        let length = plan(frame: time, boundary: boundary).length
        let countMax = max(1, Int((Double(measured.samples) * (length / time)).rounded(.down)))
        let pieces = (gap.count + countMax - 1) / countMax
        return SampleRange(start: gap.start, count: (gap.count + pieces - 1) / pieces)
    }

    // MARK: Shares

    /// How many workers share a frame, at most `asked`. Each worker opens and synchronizes the
    /// scene, and this must not take longer than its share of the samples. `nil` before it is
    /// measured: a frame's second slice is the first one without synchronizing.
    ///
    /// The answer divides `asked`. So a new share consists of whole former shares, and a worker
    /// that does not know the answer yet renders no slice across two shares.
    package func shares(asked: Int, _ measured: SliceMeasurement) -> Int? {
        guard measured.slices.count > 1, let frame = measured.frameDuration else { return nil }
        let start = measured.openDuration + measured.syncDuration
        return (1...asked).last { asked.isMultiple(of: $0) && start * $0 <= frame } ?? 1
    }

}

extension SliceMeasurement {
    /// The time of all samples, without the opening of the scene. Only a frame's first slice
    /// includes synchronizing. It is left out when other slices are measured. Otherwise the answer
    /// is too high.
    package var frameDuration: Duration? {
        let typical = slices.count > 1 ? slices.dropFirst() : slices[...]
        let count = typical.reduce(0) { $0 + $1.range.count }
        guard count > 0 else { return nil }
        return typical.reduce(.zero) { $0 + $1.duration } * samples / count
    }

    /// The time of the first slice beyond its samples.
    package var syncDuration: Duration {
        guard slices.count > 1, let first = slices.first, let frame = frameDuration else {
            return .zero
        }
        return max(.zero, first.duration - frame * first.range.count / samples)
    }
}
