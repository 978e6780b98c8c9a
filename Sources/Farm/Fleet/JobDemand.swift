/// The capacity that one job's open tasks need.
package struct JobDemand: Hashable, Sendable {
    package let job: JobID
    package let openTasks: Int
    /// Remaining render time in seconds that the budget pays for, on an instance of one unit.
    package let seconds: Double
    /// Units that the job needs, not rounded: never more than its tasks can use.
    package let units: Double
    /// `nil` without a deadline of its own.
    package let deadline: Timestamp?
    /// What its budget does not pay for.
    package let note: JobNote?
}

extension ScalingPolicy {
    /// Remaining render time divided by the time until it shall be done.
    ///
    /// Frames that an attempt has stored need no more work, even if their task is open. Frame times
    /// are measured on each instance type and weighted by its units. Before the first measurement
    /// an assumed time is used. A job that renders its canary gets one instance: faults of the
    /// scene show up there.
    func demand(of job: Job, _ view: FleetView) -> JobDemand {
        if job.state == .assembling { return assemblyDemand(of: job, view) }
        let progress = view.workers.compactMap(\.progress).filter { $0.task.job == job.id }
        let stored = progress.reduce(0) { $0 + $1.framesStored }
        let framesLeft = Double(max(0, job.framesLeft - stored))
        let perFrame = unitSecondsPerFrame(job, view.spot)
        let slots = Double(job.currentTaskCount * view.spot.weightMin)
        let paid = framesPaid(job, view)
        let seconds = min(framesLeft, paid.frames) * perFrame
        let time = job.terms.deadline.map { max($0 - view.now, Self.leastTime) } ?? turnAround
        let isBroke = paid.frames <= 0
        let unitsMax = job.isUnproven ? Double(view.spot.weightMin) : .infinity
        let units = isBroke ? 0 : min(seconds / time.seconds, slots, paid.units, unitsMax)
        return JobDemand(
            job: job.id, openTasks: isBroke ? 0 : job.currentTaskCount, seconds: seconds,
            units: units, deadline: job.terms.deadline,
            note: note(on: job, framesLeft: framesLeft, paid: paid.frames, view))
    }

    /// One instance of any size: an assembly is one task, and mostly one thread does it.
    private func assemblyDemand(of job: Job, _ view: FleetView) -> JobDemand {
        JobDemand(
            job: job.id, openTasks: job.currentTaskCount, seconds: 0,
            units: Double(job.currentTaskCount * view.spot.weightMin),
            deadline: job.terms.deadline,
            // The assembly itself may have left a note.
            note: job.isAssemblyDue ? nil : job.note)
    }

    /// No instance boots and renders faster. A nearer deadline does not ask for more instances.
    static let leastTime: Duration = .seconds(60)

    func unitSecondsPerFrame(_ job: Job, _ group: FleetGroup) -> Double {
        var (seconds, frames) = (0.0, 0)
        for (type, time) in job.tally.byType {
            seconds += Double(time.milliseconds) / 1000 * Double(group.weight(of: type))
            frames += time.frames
        }
        return frames > 0 ? seconds / Double(frames) : assumedSecondsPerFrame
    }

    /// How many more frames the budget pays for, and how many units may render them.
    ///
    /// The cost of a frame is the job's cost so far, lost work included, over its finished frames.
    /// Before the first frame only one instance may render: it measures the cost.
    private func framesPaid(_ job: Job, _ view: FleetView) -> (frames: Double, units: Double) {
        guard let budget = job.terms.budget else { return (.infinity, .infinity) }
        let left = budget - spent(on: job, view)
        guard left > .zero else { return (0, 0) }
        guard job.tally.frames > 0, job.tally.cost > .zero else {
            return (.infinity, Double(view.spot.weightMin))
        }
        return (left / job.tally.cost * Double(job.tally.frames), .infinity)
    }

    /// The cost of the attempts that have ended and of those that are running.
    private func spent(on job: Job, _ view: FleetView) -> Money {
        view.workers.reduce(job.tally.cost) { sum, worker in
            guard let progress = worker.progress, progress.task.job == job.id else { return sum }
            let price = worker.pricePerHour ?? .zero
            return sum + price.perHour(for: max(.zero, view.now - progress.start))
        }
    }

    private func note(
        on job: Job, framesLeft: Double, paid: Double, _ view: FleetView
    ) -> JobNote? {
        guard let budget = job.terms.budget, paid < framesLeft else { return nil }
        let (spent, total) = (cents(spent(on: job, view)), cents(budget))
        guard paid > 0 else {
            return .budgetSpent(spent: spent, budget: total, framesLeft: Int(framesLeft))
        }
        return .budgetShort(
            spent: spent, budget: total, framesPaid: Int(paid), framesLeft: Int(framesLeft))
    }

    /// Whole cents: the note is stored again only when a reader sees a change.
    private func cents(_ amount: Money) -> Money {
        let cent: Int64 = 10_000_000
        return Money(nanodollars: (amount.nanodollars + cent / 2) / cent * cent)
    }
}
