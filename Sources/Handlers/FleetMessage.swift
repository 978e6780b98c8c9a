internal import Farm

/// The fleet's news in words, for a person who may want to act on them.
struct FleetMessage: Hashable, Sendable {
    let subject: String
    let text: String

    init(_ news: FleetNews) {
        switch news {
        case .overBudget(let job, let note):
            subject = "Spotrender: \(job) needs more than its budget"
            text = """
                \(note)
                What runs goes on until the budget is spent; nothing more is started for it.
                How far it is:        spotrender status \(job)
                Fetch what there is:  spotrender download \(job) frames/
                End it now:           spotrender cancel \(job)
                Render the rest:      spotrender submit FILE --frames FIRST-LAST --budget DOLLARS
                """
        case .burst(let burst):
            let share = "\(burst.count) of \(burst.fleet) Spot instances"
            let minutes = "\(InterruptionBurst.window.components.seconds / 60) minutes"
            let pools = burst.pools.map { "\($0.count) of \($0.pool)" }.joined(separator: ", ")
            subject = "Spotrender: EC2 took \(share) back at once"
            text = """
                EC2 took \(share) back within \(minutes): \(pools).
                No work is lost: what they rendered waits in the queue again, and Auto Scaling asks for others.
                You hear of this once, until no instance was taken for \(minutes).
                What is there now, and what is refused: spotrender fleet
                If it goes on, allow more instance types (the parameter InstanceTypes) or Availability Zones \
                (WorkerSubnets), or let On-Demand instances share the work: \
                make deploy PARAMETERS="OnDemandBase=2 OnDemandMax=10"
                """
        }
    }
}
