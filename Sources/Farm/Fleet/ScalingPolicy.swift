/// Decides how many instances the open work needs and which idle instances to end. Pure: view in,
/// decision out.
///
/// Demand counts work, not messages: the remaining render time divided by the time in which the
/// user wants it done. Scaling out is prompt: the first tick sets the right size, from zero too.
/// Scaling in is careful: a group only shrinks by ending named instances that were idle for the
/// grace.
///
/// - Spot takes all the work. On-Demand has a base, and otherwise only the work that Spot leaves
///   undone.
/// - A worker with a notice, or one that EC2 recommends to leave, does not count as capacity.
/// - A group changes direction only when demand has left the band around the demand of its last
///   move, or ten minutes after that move. So noise of ±10 % changes it at most once in ten
///   minutes.
package struct ScalingPolicy: Hashable, Sendable {
    package struct Limits: Hashable, Sendable {
        /// Bounds of Spot units, within the group's own bounds.
        package var unitsMin: Int
        package var unitsMax: Int
        /// On-Demand units while there is work, and the most of them.
        package var onDemandBase: Int
        package var onDemandMax: Int

        package init(unitsMin: Int = 0, unitsMax: Int, onDemandBase: Int = 0, onDemandMax: Int = 0)
        {
            precondition(
                0 <= unitsMin && unitsMin <= unitsMax, "unitsMin is at most unitsMax.")
            precondition(
                0 <= onDemandBase && onDemandBase <= onDemandMax,
                "onDemandBase is at most onDemandMax.")
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
    /// How long a worker may be idle. It is long compared with a boot, so bursts of work find the
    /// worker.
    package let idleGrace: Duration
    /// How long Spot may have too few instances before On-Demand fills the gap.
    package let launchWait: Duration

    /// EC2 charges by the second, but at least a minute (EC2's On-Demand pricing).
    private static let paidDurationMin: Duration = .seconds(60)
    /// After this time without a worker record, the instance or its worker has failed to start.
    private static let registrationDurationMax: Duration = .seconds(900)
    /// How long Auto Scaling may take to end an instance before the scaler asks again.
    private static let endingDurationMax: Duration = .seconds(180)

    package init(
        turnAround: Duration, assumedSecondsPerFrame: Double = 60, limits: Limits,
        idleGrace: Duration = .seconds(300), launchWait: Duration = .seconds(300)
    ) {
        precondition(turnAround > .zero, "The turn-around is positive.")
        self.turnAround = turnAround
        self.assumedSecondsPerFrame = assumedSecondsPerFrame
        self.limits = limits
        self.idleGrace = idleGrace
        self.launchWait = launchWait
    }

    package func decide(_ view: FleetView) -> FleetDecision {
        let demands = view.jobs.map { demand(of: $0, view) }
        var memory = view.memory
        memory.unregistered = unregistered(view)
        memory.shortSince = shortSince(view)
        memory.addNews(demands, view)
        let spotTarget = spotTarget(demands, view)
        let onDemandTarget = onDemandTarget(demands, memory, view)
        let (spot, spotRow) = settle(view.spot, spotTarget, &memory, view)
        let (onDemand, onDemandRow) = settle(view.onDemand, onDemandTarget, &memory, view)
        let tick = FleetTick(
            time: view.now, openTasks: view.openTasks,
            backlogSeconds: demands.reduce(0) { $0 + $1.seconds }, rows: [spotRow, onDemandRow],
            unreadable: view.unreadable)
        memory.ticks = Array(([tick] + memory.ticks).prefix(FleetMemory.ticksMax))
        return FleetDecision(spot: spot, onDemand: onDemand, memory: memory, demands: demands)
    }

    // MARK: Capacity

    /// Units of a group that may take tasks, including booting instances.
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
        view.memory.unregistered[id].map { view.now - $0 >= Self.registrationDurationMax } ?? false
    }

    private func unregistered(_ view: FleetView) -> [WorkerID: Timestamp] {
        let registered = Set(view.workers.map(\.id))
        let members = view.spot.members + view.onDemand.members
        // A worker whose record cannot be read may be at work.
        let missing = members.map(\.id).filter {
            !registered.contains($0) && !view.unreadable.mayInclude("\($0)")
        }
        return Dictionary(
            missing.map { ($0, view.memory.unregistered[$0] ?? view.now) }, uniquingKeysWith: min)
    }

    // MARK: One group

    struct GroupTarget {
        /// Not rounded.
        let demand: Double
        let unitsMax: Int
        let unitsMin: Int
        let reason: String
    }

    /// Moves a group towards its target, within the limits of its last move and its instances.
    private func settle(
        _ group: FleetGroup, _ target: GroupTarget, _ memory: inout FleetMemory, _ view: FleetView
    ) -> (FleetDecision.GroupDecision, FleetTick.Row) {
        let unitsMax = max(group.unitsMin, min(target.unitsMax, group.unitsMax))
        let wanted = min(max(roundedUp(target.demand), target.unitsMin, group.unitsMin), unitsMax)
        let usable = usable(group, view)
        // Instances that can't take tasks count in addition until they are gone.
        let units = min(wanted + group.present - usable, unitsMax)
        let lost = group.members.filter { isEnded($0, view) }.map(\.id)
        var desired: Int?
        var ending: [WorkerID] = lost
        var reason = target.reason
        if Double(unitsMax) < target.demand { reason += "; the maximum is \(unitsMax)" }
        if units > group.desired {
            if mayTurn(.up, target.demand, group, view) {
                desired = units
                memory.moves[group.lifecycle] = .init(.up, at: view.now, demand: target.demand)
            } else {
                reason += "; not raised again so soon after it shrank"
            }
        } else if units < group.desired {
            let idle = idle(group, surplus: usable - wanted, floor: target.unitsMin, view)
            let withdrawn = max(units, group.present)
            if mayTurn(.down, target.demand, group, view) {
                desired = withdrawn < group.desired ? withdrawn : nil
                ending += idle
                if desired != nil || !idle.isEmpty {
                    memory.moves[group.lifecycle] = .init(
                        .down, at: view.now, demand: target.demand)
                } else {
                    reason += "; none has been idle long enough to end"
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
                inService: group.inServiceCount, usable: usable, demand: target.demand,
                ending: ending, reason: reason)
        )
    }

    /// Sums of decimal times are not exact in binary: 3.0000000001 counts as 3.
    private func roundedUp(_ demand: Double) -> Int {
        Int((min(demand, 1_000_000) - 1e-6).rounded(.up))
    }

    /// Whether an instance is ended regardless of demand: it does no work and never will.
    private func isEnded(_ member: FleetGroup.Member, _ view: FleetView) -> Bool {
        guard let worker = view.workers.first(where: { $0.id == member.id }) else {
            return isLost(member.id, view)
        }
        // A worker that renders while it is drained finishes its task, however long that takes. If
        // it falls silent, the repair writes it off.
        guard let cause = worker.state.drainCause, cause.isEndedByScaler else { return false }
        return worker.progress == nil
            && view.now - worker.since >= Self.endingDurationMax
    }

    /// Workers that were idle for the grace, the longest first: at most the surplus, and all
    /// cooling workers.
    private func idle(
        _ group: FleetGroup, surplus: Int, floor: Int, _ view: FleetView
    ) -> [WorkerID] {
        var surplus = surplus
        var room = group.desired - max(floor, group.unitsMin)
        var ending: [WorkerID] = []
        let idle = view.workers.filter { worker in
            worker.state == .idle && view.now - worker.since >= idleGrace
                && view.now - worker.booted >= Self.paidDurationMin
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

    // MARK: Changing direction

    /// Wider than noise of ±10 % can reach: 1.1 ÷ 0.9 is 1.22.
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
