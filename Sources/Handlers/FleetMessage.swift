internal import Farm
internal import Presentation

/// The notification of something that concerns the whole fleet, or a job's budget.
struct FleetMessage: Hashable, Sendable {
    let subject: String
    let text: String

    init(_ news: FleetNews) {
        switch news {
        case .overBudget(let job, let note):
            subject = "Spotrender: \(job) needs more than its budget"
            text = """
                \(note.words(for: job))
                Running tasks continue until the budget is spent. No new instance is started for the job.
                Progress:             spotrender status \(job)
                Download the frames:  spotrender download \(job) frames/
                End the job now:      spotrender cancel \(job)
                Render the rest:      spotrender submit FILE --frames FIRST-LAST --budget DOLLARS
                """
        case .burst(let burst):
            let share = "\(burst.count) of \(Format.count(burst.fleet, "Spot instance"))"
            let window = "\(InterruptionBurst.window.components.seconds / 60) minutes"
            let pools = burst.pools.map { "\($0.count) of \($0.pool)" }.joined(separator: ", ")
            subject = "Spotrender: EC2 took \(share) back at once"
            text = """
                EC2 took \(share) back within \(window): \(pools).
                No work is lost. Their tasks are in the queue again, and Auto Scaling asks for new instances.
                You get this message once, until EC2 has taken no instance back for \(window).
                Current fleet and capacity shortages: spotrender fleet
                If this continues, allow more instance types (the parameter InstanceTypes) or Availability \
                Zones (WorkerSubnets), or let On-Demand instances share the work: \
                make deploy PARAMETERS="OnDemandBase=2 OnDemandMax=10"
                """
        }
    }
}
