/// How attempts spent their time from the lease on, from their reports. The phases of an attempt
/// follow each other, so their sum never exceeds its duration.
package struct AttemptPhases: Hashable, Sendable {
    package enum Phase: String, Hashable, Sendable, CaseIterable {
        /// The worker fetches the scene.
        case fetch
        /// Blender starts and opens the scene.
        case open
        /// See `MachineUse.synchronizing`.
        case synchronize
        /// Blender renders samples. Without sample reports: everything between opening and storing.
        case render
        /// See `MachineUse.finishing`.
        case finish
        /// The worker checks and stores pictures while nothing renders.
        case store
        /// The worker merges a frame from its slices and stores it.
        case merge
    }

    private var times: [Phase: Duration] = [:]

    package init(_ report: RenderReport) {
        let (use, slicing) = (report.use, report.slicing)
        let opening = Duration.milliseconds(report.openMilliseconds)
        times = [
            .fetch: .milliseconds(report.fetchMilliseconds),
            .open: opening,
            .synchronize: use.synchronizing,
            .render: .milliseconds(report.renderMilliseconds)
                - (opening + use.synchronizing + use.finishing),
            .finish: use.finishing,
            .store: .milliseconds(report.storeMilliseconds + (slicing?.storeMilliseconds ?? 0)),
            .merge: .milliseconds(slicing?.mergeMilliseconds ?? 0),
        ]
    }

    /// The sums over all attempts.
    package init(_ attempts: some Sequence<Attempt>) {
        for report in attempts.lazy.compactMap(\.report) {
            times.merge(AttemptPhases(report).times, uniquingKeysWith: +)
        }
    }

    package subscript(phase: Phase) -> Duration { max(.zero, times[phase] ?? .zero) }

    package var total: Duration { Phase.allCases.reduce(.zero) { $0 + self[$1] } }
}
