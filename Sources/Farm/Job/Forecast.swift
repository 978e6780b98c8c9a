/// When a job will be done, computed from the times of its frames so far. Pure.
///
/// `likely` is mean × frames left ÷ workers. In four of five cases the rest takes between `early`
/// and `late`. Two things vary: the frames left (their number times the measured variance), and the
/// mean itself (its standard error times their number).
package struct Forecast: Hashable, Sendable {
    package let early: Duration
    package let likely: Duration
    package let late: Duration

    /// - Parameters:
    ///   - samples: Seconds per frame, one value for each attempt that rendered frames.
    ///   - framesLeft: Frames that are not stored yet.
    ///   - workers: Workers that render the job now.
    /// - Returns: `nil` without workers or measurements.
    package init?(samples: [Double], framesLeft: Int, workers: Int) {
        guard !samples.isEmpty, workers > 0 else { return nil }
        let count = Double(samples.count)
        let mean = samples.reduce(0, +) / count
        // One measurement has no variance: half of the measurement is assumed.
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
    /// The forecast of a job with its workers now. Frames that running attempts have stored are
    /// done.
    ///
    /// - Returns: `nil` also for a job that has ended or is being canceled.
    package init?(_ job: Job, workers: [WorkerRecord], samples: [Double]) {
        guard job.state.isWork || job.state == .paused else { return nil }
        let progress = workers.compactMap(\.progress).filter { $0.task.job == job.id }
        let stored = progress.reduce(0) { $0 + $1.framesStored }
        self.init(
            samples: samples, framesLeft: max(0, job.framesLeft - stored), workers: progress.count)
    }
}

extension [Attempt] {
    /// Seconds per frame, one value for each attempt that measured it: the input of a forecast.
    package var secondsPerFrame: [Double] { compactMap { $0.report?.frameTime?.secondsPerFrame } }
}
