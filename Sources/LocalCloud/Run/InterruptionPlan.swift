package import Farm

/// Whom a run takes away, and how: one after another, whoever is in the middle of something.
///
/// At least as many workers stay as go, so that the job goes on meanwhile.
package struct InterruptionPlan: Sendable {
    /// A lease this old has come to its frames.
    private static let leaseAgeMin: Duration = .milliseconds(1500)

    package private(set) var left: [DetectionStatistics.Method]
    private var taken: Set<String> = []

    package init(_ methods: [DetectionStatistics.Method]) {
        left = methods
    }

    /// The next one, if it is time for one; called again until there is none.
    ///
    /// Nobody is taken before the farm has shown by a frame that it can render, unless there is only
    /// one task to show it, or a frame is several.
    package mutating func next(
        _ tasks: [RenderTask], _ status: EmulatorStatus, frameCount: Int, at now: Timestamp
    ) -> (worker: WorkerID, method: DetectionStatistics.Method)? {
        let mayWait = tasks.count > 1 && tasks.allSatisfy { $0.share == .all }
        guard let method = left.first, frameCount > 0 || !mayWait else { return nil }
        let going = status.instances.count { taken.contains($0.id) && $0.state != "ended" }
        let staying = Set(
            status.instances.filter { $0.state == "running" && !taken.contains($0.id) }.map(\.id))
        guard going == 0 || going + 1 < staying.count else { return nil }
        let leases = tasks.compactMap { task -> Lease? in
            guard case .leased(let lease) = task.state, staying.contains(lease.worker.rawValue),
                now - lease.start > Self.leaseAgeMin
            else { return nil }
            return lease
        }
        guard let lease = leases.max(by: { $0.start < $1.start }) else { return nil }
        left.removeFirst()
        taken.insert(lease.worker.rawValue)
        return (lease.worker, method)
    }
}
