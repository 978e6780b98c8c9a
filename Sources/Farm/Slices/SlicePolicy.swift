internal import Glibc

/// Whether a frame is rendered in slices of its samples, and in how long ones. Pure: what is known
/// of the frame in, a decision out. The only home of this choice.
///
/// A reclaim costs what was in progress: a whole frame, or one slice. A slice costs its boundary: its
/// file is written, checked and uploaded while Blender waits. So slices pay where frames are long and
/// reclaims frequent: a 60-minute frame at 1.3 reclaims an hour takes twice its time when rendered
/// whole; a ten-minute frame at 0.008 loses less than a thousandth.
package struct SlicePolicy: Hashable, Sendable {
    /// Of the worker's pool.
    package var reclaims = ReclaimRate.assumed
    /// What ends so soon after a notice is not lost: EC2's two minutes less the upload.
    package var slack: Duration = .seconds(100)
    /// What a slice costs beside its samples, while none was stored: some 100 MB of floats.
    package var assumedBoundary: Duration = .seconds(5)
    /// Of a frame that nobody has measured the first slice has this part of the samples. It is the
    /// probe for the length of the others, and kept.
    package var probePart = 64

    package init() {}

    // MARK: Whole or in slices

    /// Whether the rate of reclaims bears on the choice, so that it is worth a read.
    package func weighsReclaims(
        frame: Duration?, engine: Engine, terms: SliceTerms
    ) -> Bool {
        guard engine == .cycles else { return false }
        return terms.isForced || terms.shares > 1 || frame.map { $0 > slack } ?? false
    }

    /// - Parameters:
    ///   - frame: Expected time of a whole frame; `nil` when nothing is known of it.
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

    /// The time that an attempt without a finished frame had before it was interrupted: its frame takes
    /// longer.
    package static func leastFrame(of task: TaskID, after attempts: [Attempt]) -> Duration? {
        attempts.filter { attempt in
            guard attempt.task == task, attempt.report?.frameCount ?? 0 == 0 else { return false }
            switch attempt.outcome {
            case .interrupted, .expired: return true
            case .succeeded, .failed, .canceled: return false
            }
        }.map { $0.end - $0.start }.max()
    }

    /// What is expected of a frame whose time is known.
    package struct Plan: Hashable, Sendable {
        package let length: Duration
        /// Render time lost per frame to reclaims, without slices.
        package let wholeWaste: Duration
        /// Lost to reclaims, and spent at the slices' boundaries.
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

    /// - Parameter boundary: As measured; `nil` while no slice was stored.
    package func plan(frame: Duration, boundary: Duration? = nil) -> Plan {
        let cost = boundary ?? assumedBoundary
        // Shorter slices than those that end after a notice anyway save nothing.
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

    /// Render time lost, on average, until a piece of work is done that starts over after each
    /// reclaim. A reclaim in its last moments loses nothing: it is finished after the notice.
    package func expectedLoss(of work: Duration) -> Duration {
        Self.expectedLoss(of: max(.zero, work - slack), reclaimsPerHour: reclaims.perHour)
    }

    /// (e^(λT) − 1)/λ − T, for reclaims that come at random with rate λ. Past a year it is a year.
    package static func expectedLoss(of work: Duration, reclaimsPerHour: Double) -> Duration {
        let rate = reclaimsPerHour / 3600
        guard rate > 0 else { return .zero }
        let seconds = expm1(rate * work.seconds) / rate - work.seconds
        return .seconds(min(seconds, 365 * 86_400))
    }

    /// The interval between saves that wastes least: √(2 · cost · mean time between reclaims)
    /// (Young 1974, "A first order approximation to the optimum checkpoint interval").
    private func youngsLength(_ cost: Duration) -> Duration {
        guard reclaims.perHour > 0 else { return .seconds(365 * 86_400) }
        return .seconds((2 * cost.seconds * 3600 / reclaims.perHour).squareRoot())
    }

    // MARK: The next slice

    /// The first part of `gap` that makes a slice of the right length; what follows is dealt evenly.
    ///
    /// - Parameters:
    ///   - frame: Expected time of a whole frame, for as long as nothing of it is measured.
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

    /// Over how many workers a frame is spread, of up to `asked`: each opens the scene and
    /// synchronizes it, which must not take longer than its share of the samples. `nil` while that
    /// can't be told: a frame's second slice is the first without the synchronizing.
    ///
    /// The answer divides `asked`, so that a share is made of whole shares as they were before, and
    /// no slice of a worker that does not know the answer yet lies across two shares.
    package func shares(asked: Int, _ measured: SliceMeasurement) -> Int? {
        guard measured.slices.count > 1, let frame = measured.frameDuration else { return nil }
        let start = measured.openDuration + measured.syncDuration
        return (1...asked).last { asked.isMultiple(of: $0) && start * $0 <= frame } ?? 1
    }

}

extension SliceMeasurement {
    /// Of all samples, without the scene's opening. Only a frame's first slice has its sync: where
    /// others are measured it is left out, and else the answer is too high rather than too low.
    package var frameDuration: Duration? {
        let typical = slices.count > 1 ? slices.dropFirst() : slices[...]
        let count = typical.reduce(0) { $0 + $1.range.count }
        guard count > 0 else { return nil }
        return typical.reduce(.zero) { $0 + $1.duration } * samples / count
    }

    /// What the first slice took beyond its samples.
    package var syncDuration: Duration {
        guard slices.count > 1, let first = slices.first, let frame = frameDuration else {
            return .zero
        }
        return max(.zero, first.duration - frame * first.range.count / samples)
    }
}
