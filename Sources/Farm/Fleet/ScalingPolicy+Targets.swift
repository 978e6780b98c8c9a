/// The target of each group for the open work.
extension ScalingPolicy {
    /// Since when Spot has been short: since the first reported shortage, else since the first tick
    /// that found too few instances.
    func shortSince(_ view: FleetView) -> Timestamp? {
        guard view.spot.desired > view.spot.present else { return nil }
        let reported = view.refusals.filter { $0.lifecycle == .spot }.map(\.time).min()
        return [view.memory.shortSince ?? view.now, reported].compactMap { $0 }.min()
    }

    func spotTarget(_ demands: [JobDemand], _ view: FleetView) -> GroupTarget {
        let openTasks = demands.reduce(0) { $0 + $1.openTasks }
        guard openTasks > 0 else {
            let reason =
                view.openTasks > 0 ? "the open jobs have no budget left" : "no work is open"
            return GroupTarget(
                demand: 0, unitsMax: limits.unitsMax, unitsMin: limits.unitsMin, reason: reason)
        }
        let weight = view.spot.weightMin
        // Tasks for On-Demand workers only, and the On-Demand base, need no Spot instance.
        let slots = max(0, openTasks - view.reservedTasks) * weight
        let units = demands.reduce(0) { $0 + $1.units } - Double(limits.onDemandBase)
        let seconds = demands.reduce(0) { $0 + $1.seconds }
        return GroupTarget(
            demand: max(0, min(units, Double(slots))), unitsMax: limits.unitsMax,
            unitsMin: limits.unitsMin,
            reason: "\(Int(seconds.rounded())) s of render are left in \(openTasks) tasks")
    }

    /// The base while there is work, the tasks that were interrupted too often, and the work that
    /// Spot leaves undone: after the wait, or at once when the wait would miss a deadline.
    func onDemandTarget(
        _ demands: [JobDemand], _ memory: FleetMemory, _ view: FleetView
    ) -> GroupTarget {
        let openTasks = demands.reduce(0) { $0 + $1.openTasks }
        guard openTasks > 0, limits.onDemandMax > 0 else {
            return GroupTarget(
                demand: 0, unitsMax: limits.onDemandMax, unitsMin: 0,
                reason: "no work for On-Demand")
        }
        var units = Double(limits.onDemandBase)
        var reasons = limits.onDemandBase > 0 ? ["\(limits.onDemandBase) as the base"] : []
        if view.reservedTasks > 0 {
            units += reservedUnits(demands, openTasks, view)
            reasons.append("\(view.reservedTasks) tasks were interrupted too often")
        }
        let missing = missingUnits(demands, memory, view)
        if missing.units > 0 {
            units += missing.units
            reasons.append(missing.reason)
        }
        return GroupTarget(
            demand: min(units, Double(openTasks * view.onDemand.weightMin)),
            unitsMax: limits.onDemandMax, unitsMin: 0,
            reason: reasons.isEmpty ? "Spot has enough instances" : reasons.joined(separator: "; "))
    }

    /// The reserved tasks' part of the demand, at least one instance.
    private func reservedUnits(
        _ demands: [JobDemand], _ openTasks: Int, _ view: FleetView
    ) -> Double {
        let units = demands.reduce(0) { $0 + $1.units }
        let share = Double(view.reservedTasks) / Double(max(openTasks, view.reservedTasks))
        return max(units * share, Double(view.onDemand.weightMin))
    }

    private func missingUnits(
        _ demands: [JobDemand], _ memory: FleetMemory, _ view: FleetView
    ) -> (units: Double, reason: String) {
        let wanted = demands.reduce(0) { $0 + $1.units } - Double(limits.onDemandBase)
        let usable = Double(usable(view.spot, view))
        if let since = memory.shortSince, view.now - since >= launchWait {
            let refused = view.refusals.count { $0.lifecycle == .spot }
            return (
                min(wanted, Double(limits.unitsMax)) - usable,
                "Spot has been short for \(Int((view.now - since).seconds)) s"
                    + (refused > 0 ? ", \(refused) zones refused" : "")
            )
        }
        let risk = demands.reduce(0) {
            $0 + unitsAtRisk($1, isShort: memory.shortSince != nil, view)
        }
        return (risk, "a deadline is at risk")
    }

    /// Units that a deadline needs beyond the Spot maximum: now, and while Spot is short also after
    /// the wait.
    private func unitsAtRisk(_ demand: JobDemand, isShort: Bool, _ view: FleetView) -> Double {
        guard let deadline = demand.deadline else { return 0 }
        let unitsMax = Double(min(limits.unitsMax, view.spot.unitsMax))
        let slots = Double(demand.openTasks * view.spot.weightMin)
        let wait = isShort ? launchWait : .zero
        let left = max(deadline - view.now - wait, Self.leastTime)
        return max(0, min(demand.seconds / left.seconds, slots) - unitsMax)
    }
}
