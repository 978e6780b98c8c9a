/// Where attempts' time went, from the lease on, as far as they could tell. The phases of an attempt
/// follow one another: they add up to no more than it took.
package struct AttemptPhases: Hashable, Sendable {
    package enum Phase: String, Hashable, Sendable, CaseIterable {
        /// The scene comes from the store.
        case fetch
        /// Blender starts and opens it.
        case open
        /// See `MachineUse.synchronizing`.
        case synchronize
        /// Samples; all between opening and storing where Blender tells of none.
        case render
        /// See `MachineUse.finishing`.
        case finish
        /// Pictures are checked and stored, and nothing renders meanwhile.
        case store
        /// A frame is made of its slices, and stored.
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

    /// Of all of them.
    package init(_ attempts: some Sequence<Attempt>) {
        for report in attempts.lazy.compactMap(\.report) {
            times.merge(AttemptPhases(report).times, uniquingKeysWith: +)
        }
    }

    package subscript(phase: Phase) -> Duration { max(.zero, times[phase] ?? .zero) }

    package var total: Duration { Phase.allCases.reduce(.zero) { $0 + self[$1] } }
}
