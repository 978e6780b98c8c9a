package import FoundationEssentials

/// Decides what the Spot emulator does next, from the groups' lists, the instances and the time.
///
/// As on AWS, Auto Scaling's list says which instances should run. The emulator starts and ends
/// processes until they match the list.
package struct EmulatorPolicy: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        case launch(GroupMember)
        /// Shows in the instance's metadata that Auto Scaling ends it.
        case beginTermination(String)
        /// Scale-in: sends SIGTERM to the worker.
        case stop(String)
        /// Sends SIGKILL to every process on the instance.
        case kill(String)
        /// Removes an ended instance from its group, so that a new one replaces it.
        case replace(String)
        /// Drops an instance that has ended and left its group.
        case forget(String)
    }

    /// Time from SIGTERM to SIGKILL at scale-in. Draining takes seconds.
    package var stopBound: Duration = .seconds(30)
    /// After so many early exits in a row, the emulator launches less often.
    package var earlyExitsMax = 3
    /// A worker that ends within this time after its launch has failed at its start.
    package var earlyExitAge: Duration = .seconds(10)
    /// The pause between launches after `earlyExitsMax` early exits.
    package var retryInterval: Duration = .seconds(30)

    package init() {}

    package func actions(
        members: [GroupMember], instances: [String: Instance], health: Health, now: Date
    ) -> [Action] {
        let listed = Set(members.map(\.id))
        let leaving = Set(members.filter(\.isLeaving).map(\.id))
        var actions: [Action] = []
        for instance in instances.values.sorted(by: { $0.id < $1.id }) {
            let isListed = listed.contains(instance.id)
            switch instance.state {
            case .starting:
                break
            case .running:
                if leaving.contains(instance.id) { actions.append(.beginTermination(instance.id)) }
                if !isListed { actions.append(.stop(instance.id)) }
            case .leaving:
                if !isListed { actions.append(.stop(instance.id)) }
            case .noticed(_, let deadline):
                if now >= deadline { actions.append(.kill(instance.id)) }
            case .cut:
                actions.append(.kill(instance.id))
            case .stopping(_, let since):
                if since.duration(to: now) >= stopBound { actions.append(.kill(instance.id)) }
            case .ended:
                actions.append(isListed ? .replace(instance.id) : .forget(instance.id))
            }
        }
        guard mayLaunch(health, now: now) else { return actions }
        let missing = members.filter { instances[$0.id] == nil && !$0.isLeaving }
        // After early exits, one launch at a time shows whether the fault persists.
        let countMax = health.earlyExits >= earlyExitsMax ? 1 : missing.count
        return actions + missing.prefix(countMax).map(Action.launch)
    }

    private func mayLaunch(_ health: Health, now: Date) -> Bool {
        guard health.earlyExits >= earlyExitsMax, let last = health.lastEarlyExit else {
            return true
        }
        return last.duration(to: now) >= retryInterval
    }

    /// Counts workers that ended right after their launch.
    package struct Health: Hashable, Sendable {
        /// Early exits in a row.
        package private(set) var earlyExits = 0
        package private(set) var lastEarlyExit: Date?

        package init() {}

        package mutating func ended(_ instance: Instance, at now: Date, policy: EmulatorPolicy) {
            guard case .ended(.workerEnded) = instance.state else { return }
            guard instance.launched.duration(to: now) < policy.earlyExitAge else {
                earlyExits = 0
                return
            }
            earlyExits += 1
            lastEarlyExit = now
        }

        /// Whether a worker has run for longer than `earlyExitAge`. Then the fault is over.
        package mutating func hasRecovered(
            with instances: some Collection<Instance>, at now: Date, policy: EmulatorPolicy
        ) -> Bool {
            let isOver = instances.contains { instance in
                guard case .running = instance.state else { return false }
                return instance.launched.duration(to: now) >= policy.earlyExitAge
            }
            if isOver { earlyExits = 0 }
            return isOver
        }
    }
}

extension Date {
    func duration(to later: Date) -> Duration {
        .seconds(later.timeIntervalSince(self))
    }
}
