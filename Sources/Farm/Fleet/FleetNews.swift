/// News about the fleet for people. A tick decides it, and the memory keeps it until it is sent.
package enum FleetNews: Hashable, Sendable {
    /// A job's budget does not pay for all its frames. `note` is also stored on the job.
    case overBudget(JobID, note: JobNote)
    case burst(InterruptionBurst)
}

extension FleetMemory {
    /// Adds news. A burst is reported once, until no instance is reclaimed during its window. A job
    /// over its budget is reported once while it is active.
    mutating func addNews(_ demands: [JobDemand], _ view: FleetView) {
        let reclaims = view.recentReclaims.filter {
            view.now - $0.time < InterruptionBurst.window
        }
        if reclaims.isEmpty { isInBurst = false }
        if !isInBurst,
            let burst = InterruptionBurst(reclaims, members: view.spot.members.map(\.id))
        {
            isInBurst = true
            unnotified.append(.burst(burst))
        }
        overBudget.formIntersection(demands.map(\.job))
        for demand in demands {
            guard let note = demand.note, overBudget.insert(demand.job).inserted else {
                continue
            }
            unnotified.append(.overBudget(demand.job, note: note))
        }
        unnotified = Array(unnotified.suffix(Self.unnotifiedMax))
    }

    /// A topic that is unreachable for long must not fill the item.
    private static let unnotifiedMax = 20
}
