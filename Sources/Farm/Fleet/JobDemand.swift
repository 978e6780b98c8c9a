/// What one job's open tasks ask of the fleet.
package struct JobDemand: Hashable, Sendable {
    package let job: JobID
    package let openTasks: Int
    /// Seconds of render left on an instance of one unit, as far as the budget pays for.
    package let seconds: Double
    /// Units that it is worth, not rounded: never more than its tasks can use.
    package let units: Double
    /// Until when it must be done; `nil` without a deadline of its own.
    package let deadline: Timestamp?
    /// What its budget does not pay for.
    package let note: JobNote?
}

extension ScalingPolicy {
    /// Seconds left over the time they shall be done in.
    ///
    /// Frames that an attempt has stored are no work any more, though their task is open. Times are
    /// those measured on each instance type, weighed by its units; the prior until there are any. A job whose
    /// canary is being rendered is worth one instance: what is wrong with it shows there.
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

    /// One instance, whatever its size: it is one task, and mostly one thread's work.
    private func assemblyDemand(of job: Job, _ view: FleetView) -> JobDemand {
        JobDemand(
            job: job.id, openTasks: job.currentTaskCount, seconds: 0,
            units: Double(job.currentTaskCount * view.spot.weightMin),
            deadline: job.terms.deadline,
            // Its own end may have left one.
            note: job.isAssemblyDue ? nil : job.note)
    }

    /// No instance boots and renders sooner, so a deadline that is nearer asks for no more of them.
    static let leastTime: Duration = .seconds(60)

    func unitSecondsPerFrame(_ job: Job, _ group: FleetGroup) -> Double {
        var (seconds, frames) = (0.0, 0)
        for (type, time) in job.tally.byType {
            seconds += Double(time.milliseconds) / 1000 * Double(group.weight(of: type))
            frames += time.frames
        }
        return frames > 0 ? seconds / Double(frames) : assumedSecondsPerFrame
    }

    /// How many frames more the budget pays for, and on how many units they may be rendered.
    ///
    /// By what the finished frames have cost, with what was lost between. Before the first one only
    /// one instance is worth its price: it finds out.
    private func framesPaid(_ job: Job, _ view: FleetView) -> (frames: Double, units: Double) {
        guard let budget = job.terms.budget else { return (.infinity, .infinity) }
        let left = budget - spent(on: job, view)
        guard left > 0 else { return (0, 0) }
        guard job.tally.frames > 0, job.tally.microdollars > 0 else {
            return (.infinity, Double(view.spot.weightMin))
        }
        return (left / (job.tally.dollars / Double(job.tally.frames)), .infinity)
    }

    /// In US dollars, with the attempts that are under way.
    private func spent(on job: Job, _ view: FleetView) -> Double {
        view.workers.reduce(job.tally.dollars) { sum, worker in
            guard let progress = worker.progress, progress.task.job == job.id else { return sum }
            let hours = max(.zero, view.now - progress.start).seconds / 3600
            return sum + (worker.pricePerHour ?? 0) * hours
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

    /// Whole cents: the note is written again only when a reader sees a change.
    private func cents(_ dollars: Double) -> Money {
        Money(nanodollars: Int64((dollars * 100).rounded()) * 10_000_000)
    }
}
