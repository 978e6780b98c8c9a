/// What the work asks of each group.
extension ScalingPolicy {
    /// Since when Spot has been short: from the first refusal on where one was told, else from the first
    /// tick that saw it.
    func shortSince(_ view: FleetView) -> Timestamp? {
        guard view.spot.desired > view.spot.present else { return nil }
        let told = view.refusals.filter { $0.lifecycle == .spot }.map(\.time).min()
        return [view.memory.shortSince ?? view.now, told].compactMap { $0 }.min()
    }

    func spotWish(_ demands: [JobDemand], _ view: FleetView) -> GroupTarget {
        let openTasks = demands.reduce(0) { $0 + $1.openTasks }
        guard openTasks > 0 else {
            let reason = view.openTasks > 0 ? "what is open has no budget left" : "no work is open"
            return GroupTarget(
                demand: 0, unitsMax: limits.unitsMax, unitsMin: limits.unitsMin, reason: reason)
        }
        let weight = view.spot.weightMin
        // What only On-Demand workers may take, and what the base takes, needs no Spot instance.
        let slots = max(0, openTasks - view.reservedTasks) * weight
        let units = demands.reduce(0) { $0 + $1.units } - Double(limits.onDemandBase)
        let seconds = demands.reduce(0) { $0 + $1.seconds }
        return GroupTarget(
            demand: max(0, min(units, Double(slots))), unitsMax: limits.unitsMax,
            unitsMin: limits.unitsMin,
            reason: "\(Int(seconds.rounded())) s of render are left in \(openTasks) tasks")
    }

    /// The base while there is work, tasks that were interrupted too often, and what Spot leaves
    /// undone: after the wait, or at once where the wait would cost a deadline.
    func onDemandWish(
        _ demands: [JobDemand], _ memory: FleetMemory, _ view: FleetView
    ) -> GroupTarget {
        let openTasks = demands.reduce(0) { $0 + $1.openTasks }
        guard openTasks > 0, limits.onDemandMax > 0 else {
            return GroupTarget(
                demand: 0, unitsMax: limits.onDemandMax, unitsMin: 0, reason: "nothing is for it")
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
            reason: reasons.isEmpty ? "Spot does it" : reasons.joined(separator: "; "))
    }

    /// Their share of the demand; an instance at least.
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

    /// What a deadline needs beyond what Spot may have: now, and while Spot is short also after the wait
    /// for it.
    private func unitsAtRisk(_ demand: JobDemand, isShort: Bool, _ view: FleetView) -> Double {
        guard let deadline = demand.deadline else { return 0 }
        let unitsMax = Double(min(limits.unitsMax, view.spot.unitsMax))
        let slots = Double(demand.openTasks * view.spot.weightMin)
        let wait = isShort ? launchWait : .zero
        let left = max(deadline - view.now - wait, Self.leastTime)
        return max(0, min(demand.seconds / left.seconds, slots) - unitsMax)
    }
}
