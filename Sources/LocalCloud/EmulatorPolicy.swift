package import FoundationEssentials

/// What the spot plane does next: from the group's list, the instances and the time.
///
/// The group's list is the truth about what should run, as Auto Scaling's is on AWS; the processes
/// are brought in line with it.
package struct EmulatorPolicy: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        case launch(GroupMember)
        /// Its metadata says that Auto Scaling ends it.
        case tell(String)
        /// SIGTERM to the worker: scale-in.
        case stop(String)
        /// SIGKILL to everything on the instance.
        case kill(String)
        /// Take the instance off the group's list; a new one comes in its place.
        case replace(String)
        /// It has ended and is off the list.
        case forget(String)
    }

    /// From SIGTERM to SIGKILL at scale-in. A drain that hands back needs seconds.
    package var stopBound: Duration = .seconds(30)
    /// Launches in a row that may die young before launching stops being tried every second.
    package var youngDeathsMax = 3
    /// A worker that ends within this time of its launch has not worked: something is wrong.
    package var youngAge: Duration = .seconds(10)
    /// The wait between launches after that.
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
                if leaving.contains(instance.id) { actions.append(.tell(instance.id)) }
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
        // While something is wrong, one at a time tells whether it still is.
        let countMax = health.youngDeaths >= youngDeathsMax ? 1 : missing.count
        return actions + missing.prefix(countMax).map(Action.launch)
    }

    private func mayLaunch(_ health: Health, now: Date) -> Bool {
        guard health.youngDeaths >= youngDeathsMax, let last = health.lastDeath else { return true }
        return last.duration(to: now) >= retryInterval
    }

    /// Workers that ended right after their launch, in a row.
    package struct Health: Hashable, Sendable {
        package private(set) var youngDeaths = 0
        package private(set) var lastDeath: Date?

        package init() {}

        package mutating func ended(_ instance: Instance, at now: Date, policy: EmulatorPolicy) {
            guard case .ended(.died) = instance.state else { return }
            guard instance.launched.duration(to: now) < policy.youngAge else {
                youngDeaths = 0
                return
            }
            youngDeaths += 1
            lastDeath = now
        }

        /// Whether a worker has outlived its youth: what kept others from living is over.
        package mutating func isMended(
            by instances: some Collection<Instance>, at now: Date, policy: EmulatorPolicy
        ) -> Bool {
            let isOver = instances.contains { instance in
                guard case .running = instance.state else { return false }
                return instance.launched.duration(to: now) >= policy.youngAge
            }
            if isOver { youngDeaths = 0 }
            return isOver
        }
    }
}

extension Date {
    func duration(to later: Date) -> Duration {
        .seconds(later.timeIntervalSince(self))
    }
}
