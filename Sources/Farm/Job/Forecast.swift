/// When a job will be done, by what its frames took so far. Pure.
///
/// `likely` is mean × frames left ÷ workers. In four cases of five the rest takes between `early` and
/// `late`: the frames left vary (their number times the measured variance), and the mean itself is
/// known only as well as it was measured (its standard error times their number).
package struct Forecast: Hashable, Sendable {
    package let early: Duration
    package let likely: Duration
    package let late: Duration

    /// - Parameters:
    ///   - samples: Seconds a frame, one value for each attempt that rendered some.
    ///   - framesLeft: Not stored yet.
    ///   - workers: At work on the job now.
    /// - Returns: `nil` when nobody is at work, or nothing was measured.
    package init?(samples: [Double], framesLeft: Int, workers: Int) {
        guard !samples.isEmpty, workers > 0 else { return nil }
        let count = Double(samples.count)
        let mean = samples.reduce(0, +) / count
        // One measurement says nothing of how they vary: half of it is assumed.
        let variance =
            samples.count > 1
            ? samples.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
            : mean * mean / 4
        // No more workers than frames.
        let lanes = Double(min(workers, max(1, framesLeft)))
        let left = Double(max(0, framesLeft))
        let likely = mean * left / lanes
        let spread =
            (variance * left + variance / count * left * left).squareRoot() / lanes
        // 1.28 standard deviations to either side hold 80 % of a normal distribution.
        self.likely = .seconds(likely)
        early = .seconds(max(0, likely - 1.28 * spread))
        late = .seconds(likely + 1.28 * spread)
    }
}

extension Forecast {
    /// Of a job, by who is at work on it now: what running attempts have stored is done.
    ///
    /// - Returns: `nil` too for a job that is over, or is being canceled.
    package init?(_ job: Job, workers: [WorkerRecord], samples: [Double]) {
        guard job.state.isWork || job.state == .paused else { return nil }
        let progress = workers.compactMap(\.progress).filter { $0.task.job == job.id }
        let stored = progress.reduce(0) { $0 + $1.framesStored }
        self.init(
            samples: samples, framesLeft: max(0, job.framesLeft - stored), workers: progress.count)
    }
}

extension [Attempt] {
    /// Seconds a frame, one value for each attempt that tells: what a forecast goes by.
    package var secondsPerFrame: [Double] { compactMap { $0.report?.frameTime?.secondsPerFrame } }
}
