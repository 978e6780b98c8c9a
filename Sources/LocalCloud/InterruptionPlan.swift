package import Farm

/// Chooses the workers that `spotrender local run` interrupts, one after another.
///
/// At least as many workers stay as end at the same time, so that the job continues.
package struct InterruptionPlan: Sendable {
    /// A worker whose lease is this old renders its frames.
    private static let leaseAgeMin: Duration = .milliseconds(1500)

    /// The interruptions that have not begun.
    package private(set) var left: [DetectionStatistics.Method]
    private var interrupted: Set<String> = []

    package init(_ methods: [DetectionStatistics.Method]) {
        left = methods
    }

    /// The next interruption that can begin now. `nil` if there is none.
    ///
    /// The plan waits for the first frame, which shows that the farm can render. It does not wait
    /// if the job has only one task, or if several tasks share a frame.
    package mutating func next(
        _ tasks: [RenderTask], _ status: EmulatorStatus, frameCount: Int, at now: Timestamp
    ) -> (worker: WorkerID, method: DetectionStatistics.Method)? {
        let mayWait = tasks.count > 1 && tasks.allSatisfy { $0.share == .all }
        guard let method = left.first, frameCount > 0 || !mayWait else { return nil }
        let ending = status.instances.count { interrupted.contains($0.id) && $0.state != "ended" }
        let staying = Set(
            status.instances.filter { $0.state == "running" && !interrupted.contains($0.id) }.map(
                \.id))
        guard ending == 0 || ending + 1 < staying.count else { return nil }
        let leases = tasks.compactMap { task -> Lease? in
            guard case .leased(let lease) = task.state, staying.contains(lease.worker.rawValue),
                now - lease.start > Self.leaseAgeMin
            else { return nil }
            return lease
        }
        guard let lease = leases.max(by: { $0.start < $1.start }) else { return nil }
        left.removeFirst()
        interrupted.insert(lease.worker.rawValue)
        return (lease.worker, method)
    }
}
