/// How many instances the work is worth, and which idle ones are ended. Pure: view in, decision out.
///
/// Demand is work, not messages: the seconds of render left over the time the user wants it in. Out is
/// prompt: the right size at the first tick, from zero too. In is careful: a group is never made
/// smaller than what it has, except by ending an instance by name that has been idle for the grace.
///
/// - Spot takes all the work. On-Demand has a base, and otherwise only what Spot leaves undone.
/// - A worker that was warned or that EC2 recommends to leave is no capacity.
/// - A group turns round only when demand has left the band around the demand of its last move, or
///   ten minutes after that: so noise of ±10 % turns it round once in ten minutes at most.
package struct ScalingPolicy: Hashable, Sendable {
    package struct Limits: Hashable, Sendable {
        /// Units of Spot at least and at most, within the group's own bounds.
        package var unitsMin: Int
        package var unitsMax: Int
        /// Units of On-Demand while there is work, and at most.
        package var onDemandBase: Int
        package var onDemandMax: Int

        package init(unitsMin: Int = 0, unitsMax: Int, onDemandBase: Int = 0, onDemandMax: Int = 0)
        {
            precondition(
                0 <= unitsMin && unitsMin <= unitsMax, "A fleet's least size is at most its most.")
            precondition(
                0 <= onDemandBase && onDemandBase <= onDemandMax,
                "The On-Demand base is at most the On-Demand most.")
            self.unitsMin = unitsMin
            self.unitsMax = unitsMax
            self.onDemandBase = onDemandBase
            self.onDemandMax = onDemandMax
        }
    }

    /// The time in which the open work should be done.
    package let turnAround: Duration
    /// Used until a job's first frames are measured.
    package let assumedSecondsPerFrame: Double
    package let limits: Limits
    /// How long a worker may be idle. Long beside a boot, so that work in bursts finds it there.
    package let idleGrace: Duration
    /// How long Spot may stay short of what is wanted before On-Demand makes up for it.
    package let launchWait: Duration

    /// Instances are paid by the second, the first minute whole (EC2's On-Demand pricing).
    private static let paidAtLeast: Duration = .seconds(60)
    /// An instance whose worker has said nothing for so long has failed to boot, or its worker has.
    private static let silenceMax: Duration = .seconds(900)
    /// Time for Auto Scaling to take an instance it was told to end; then it is told again.
    private static let endingDurationMax: Duration = .seconds(180)

    package init(
        turnAround: Duration, assumedSecondsPerFrame: Double = 60, limits: Limits,
        idleGrace: Duration = .seconds(300), launchWait: Duration = .seconds(300)
    ) {
        precondition(turnAround > .zero, "Work needs some time to be done in.")
        self.turnAround = turnAround
        self.assumedSecondsPerFrame = assumedSecondsPerFrame
        self.limits = limits
        self.idleGrace = idleGrace
        self.launchWait = launchWait
    }

    package func decide(_ view: FleetView) -> FleetDecision {
        let demands = view.jobs.map { demand(of: $0, view) }
        var memory = view.memory
        memory.silent = silent(view)
        memory.shortSince = shortSince(view)
        memory.hear(demands, view)
        let spotWish = spotWish(demands, view)
        let onDemandWish = onDemandWish(demands, memory, view)
        let (spot, spotRow) = settle(view.spot, spotWish, &memory, view)
        let (onDemand, onDemandRow) = settle(view.onDemand, onDemandWish, &memory, view)
        let tick = FleetTick(
            time: view.now, openTasks: view.openTasks,
            backlogSeconds: demands.reduce(0) { $0 + $1.seconds }, rows: [spotRow, onDemandRow])
        memory.ticks = Array(([tick] + memory.ticks).prefix(FleetMemory.ticksMax))
        return FleetDecision(spot: spot, onDemand: onDemand, memory: memory, demands: demands)
    }

    // MARK: Capacity

    /// Units of a group that may take tasks; what is still booting is on its way to it.
    func usable(_ group: FleetGroup, _ view: FleetView) -> Int {
        group.members.filter { isUsable($0, view) }.reduce(0) { $0 + $1.units }
    }

    private func isUsable(_ member: FleetGroup.Member, _ view: FleetView) -> Bool {
        guard let worker = view.workers.first(where: { $0.id == member.id }) else {
            return !isLost(member.id, view)
        }
        switch worker.state {
        case .booting, .idle, .rendering:
            return !(worker.coolingUntil.map { view.now < $0 } ?? false)
        case .draining, .gone: return false
        }
    }

    private func isLost(_ id: WorkerID, _ view: FleetView) -> Bool {
        view.memory.silent[id].map { view.now - $0 >= Self.silenceMax } ?? false
    }

    private func silent(_ view: FleetView) -> [WorkerID: Timestamp] {
        let speaking = Set(view.workers.map(\.id))
        let members = view.spot.members + view.onDemand.members
        let silent = members.map(\.id).filter { !speaking.contains($0) }
        return Dictionary(
            silent.map { ($0, view.memory.silent[$0] ?? view.now) }, uniquingKeysWith: min)
    }

    // MARK: One group

    struct GroupTarget {
        /// Not rounded.
        let demand: Double
        let unitsMax: Int
        let unitsMin: Int
        let reason: String
    }

    /// Brings a group towards a wish, as far as the last move and what it has allow.
    private func settle(
        _ group: FleetGroup, _ wish: GroupTarget, _ memory: inout FleetMemory, _ view: FleetView
    ) -> (FleetDecision.GroupDecision, FleetTick.Row) {
        let unitsMax = max(group.unitsMin, min(wish.unitsMax, group.unitsMax))
        let wanted = min(max(roundedUp(wish.demand), wish.unitsMin, group.unitsMin), unitsMax)
        let usable = usable(group, view)
        // What can't take tasks is there beside what is wanted, until it is gone.
        let target = min(wanted + group.present - usable, unitsMax)
        let lost = group.members.filter { isEnded($0, view) }.map(\.id)
        var desired: Int?
        var ending: [WorkerID] = lost
        var reason = wish.reason
        if Double(unitsMax) < wish.demand { reason += "; \(unitsMax) is the most" }
        if target > group.desired {
            if mayTurn(.up, wish.demand, group, view) {
                desired = target
                memory.moves[group.lifecycle] = .init(.up, at: view.now, demand: wish.demand)
            } else {
                reason += "; not raised again so soon after it shrank"
            }
        } else if target < group.desired {
            let idle = idle(group, surplus: usable - wanted, floor: wish.unitsMin, view)
            let withdrawn = max(target, group.present)
            if mayTurn(.down, wish.demand, group, view) {
                desired = withdrawn < group.desired ? withdrawn : nil
                ending += idle
                if desired != nil || !idle.isEmpty {
                    memory.moves[group.lifecycle] = .init(.down, at: view.now, demand: wish.demand)
                } else {
                    reason += "; busy or just idle, so none is ended"
                }
            } else {
                reason += "; not shrunk so soon after it was raised"
            }
        }
        let size = desired ?? group.desired
        return (
            FleetDecision.GroupDecision(desired: desired, ending: ending),
            FleetTick.Row(
                lifecycle: group.lifecycle, was: group.desired, desired: size,
                inService: group.inServiceCount, usable: usable, demand: wish.demand,
                ending: ending, reason: reason)
        )
    }

    /// Sums of times that are exact in decimals are not in binary: 3.0000000001 is 3.
    private func roundedUp(_ demand: Double) -> Int {
        Int((min(demand, 1_000_000) - 1e-6).rounded(.up))
    }

    /// Instances that are ended whatever the demand: they do no work, and never will.
    private func isEnded(_ member: FleetGroup.Member, _ view: FleetView) -> Bool {
        guard let worker = view.workers.first(where: { $0.id == member.id }) else {
            return isLost(member.id, view)
        }
        // One that was told to drain while it renders finishes what it has, however long that takes; if
        // it falls silent, the repair writes it off.
        guard let cause = worker.state.drainCause, cause.isEndedByScaler else { return false }
        return worker.progress == nil
            && view.now - worker.since >= Self.endingDurationMax
    }

    /// Idle for the grace, longest first, and no more of them than is too much; of those at risk all.
    private func idle(
        _ group: FleetGroup, surplus: Int, floor: Int, _ view: FleetView
    ) -> [WorkerID] {
        var surplus = surplus
        var room = group.desired - max(floor, group.unitsMin)
        var ending: [WorkerID] = []
        let idle = view.workers.filter { worker in
            worker.state == .idle && view.now - worker.since >= idleGrace
                && view.now - worker.booted >= Self.paidAtLeast
        }
        for worker in idle.sorted(by: { ($0.since, $0.id.rawValue) < ($1.since, $1.id.rawValue) }) {
            guard let member = group.members.first(where: { $0.id == worker.id }) else { continue }
            let counts = isUsable(member, view)
            guard member.units <= room, !counts || member.units <= surplus else { continue }
            room -= member.units
            if counts { surplus -= member.units }
            ending.append(worker.id)
        }
        return ending
    }

    // MARK: Turning round

    /// Wider than ±10 % of noise can make it: 1.1 ÷ 0.9 is 1.22.
    private static let band = 1.25
    private static let turnInterval: Duration = .seconds(600)

    private func mayTurn(
        _ direction: FleetMemory.Move.Direction, _ demand: Double, _ group: FleetGroup,
        _ view: FleetView
    ) -> Bool {
        guard let last = view.memory.moves[group.lifecycle], last.direction != direction else {
            return true
        }
        if view.now - last.time >= Self.turnInterval { return true }
        switch direction {
        case .up: return demand > last.demand * Self.band
        case .down: return demand == 0 || demand < last.demand / Self.band
        }
    }
}
