/// What people are told of the fleet: decided by a tick, kept in its memory until it was told.
package enum FleetNews: Hashable, Sendable {
    /// A job's budget does not pay for all its frames; with the note on the job.
    case overBudget(JobID, note: JobNote)
    case burst(InterruptionBurst)
}

extension FleetMemory {
    /// Finds what is news: a burst once, until no instance is taken for its window; a job over its budget
    /// once, for as long as it is work.
    mutating func hear(_ demands: [JobDemand], _ view: FleetView) {
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

    /// A topic that takes nothing for long must not fill the item.
    private static let unnotifiedMax = 20
}
