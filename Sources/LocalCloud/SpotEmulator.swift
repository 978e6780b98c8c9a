import Farm
import FoundationEssentials
package import Logging

/// Emulates EC2 for two Auto Scaling groups: runs one worker process for each instance, and
/// interrupts instances.
///
/// Once a second the emulator reads the groups' lists, asks `EmulatorPolicy` what to do, and does
/// it. `Instance.apply` holds the transitions. Each instance has a task that runs its metadata
/// endpoint, renews its keys and waits for its worker's process.
package actor SpotEmulator {
    private let kind: Kind
    private let ports: Ports
    private let policy: EmulatorPolicy
    private let log: Logger
    private var instances: [String: Instance] = [:]
    private var endpoints: [String: any InstanceMetadata] = [:]
    private var prices: [String: String] = [:]
    private var health = EmulatorPolicy.Health()
    /// Why workers keep failing at their start.
    private var startFailure: String?
    /// The error of the last AWS call that failed.
    private var lastError: String?
    private var isShuttingDown = false

    package init(kind: Kind, ports: Ports, policy: EmulatorPolicy = EmulatorPolicy(), log: Logger) {
        self.kind = kind
        self.ports = ports
        self.policy = policy
        self.log = log
    }

    /// Returns after `shutDown()`, when no instance is left.
    package func run() async {
        await replaceEarlierInstances()
        await withDiscardingTaskGroup { group in
            while !isShuttingDown {
                await reconcile(&group)
                await ports.pause(.seconds(1))
            }
            await endAll()
        }
    }

    package func shutDown() {
        isShuttingDown = true
    }

    package func status() -> EmulatorStatus {
        EmulatorStatus(
            instances: instances.values.sorted { $0.launched < $1.launched }.map {
                EmulatorStatus.Line(
                    id: $0.id, zone: $0.zone, isSpot: $0.isSpot, state: $0.stateName,
                    launched: $0.launched.utc,
                    pid: $0.process?.pid, price: prices[$0.id])
            },
            trouble: startFailure ?? lastError)
    }

    /// Interrupts an instance as EC2 does.
    ///
    /// - Returns: The interrupted instance. If the order names none, this is the oldest.
    package func interrupt(_ order: InterruptionOrder) async throws(LocalCloudError) -> String {
        // EC2 interrupts only Spot instances, but any machine can crash.
        let running = instances.values.filter {
            guard $0.isSpot || order.method == .kill else { return false }
            if case .running = $0.state { return true } else { return false }
        }
        let oldest = running.min { ($0.launched, $0.id) < ($1.launched, $1.id) }
        guard let instance = order.instance.map({ id in running.first { $0.id == id } }) ?? oldest
        else {
            throw LocalCloudError(
                "interrupt \(order.instance ?? "an instance")",
                "No such Spot instance is running. "
                    + "`spotrender local instances` lists the running instances.")
        }
        let deadline = ports.now().addingTimeInterval(Double(order.afterSeconds))
        let event: Instance.Event =
            order.method == .kill ? .powerCut : .notice(order.method, deadline: deadline)
        for effect in transition(instance.id, by: event) {
            try await perform(effect, on: instance.id)
        }
        return instance.id
    }

    // MARK: Reconciliation

    /// Instances of an earlier emulator ended with that emulator: new ones replace them.
    private func replaceEarlierInstances() async {
        do {
            for member in try await ports.cloud.members() {
                ports.host.kill(member.id)
                try await ports.cloud.replace(member.id)
            }
        } catch {
            report("\(error)")
        }
    }

    private func reconcile(_ group: inout DiscardingTaskGroup) async {
        let members: [GroupMember]
        do {
            members = try await ports.cloud.members()
            lastError = nil
        } catch {
            report("\(error)")
            return
        }
        if health.hasRecovered(with: instances.values, at: ports.now(), policy: policy) {
            startFailure = nil
        }
        for action in policy.actions(
            members: members, instances: instances, health: health, now: ports.now())
        {
            switch action {
            case .launch(let member):
                instances[member.id] = Instance(
                    id: member.id, zone: member.zone, isSpot: member.isSpot,
                    launched: ports.now())
                group.addTask { await self.run(member) }
            case .beginTermination(let id): await apply(.terminationBegan, to: id)
            case .stop(let id): await apply(.removedFromGroup, to: id)
            case .kill(let id): await kill(id)
            case .replace(let id): await replace(id)
            case .forget(let id):
                instances[id] = nil
                prices[id] = nil
            }
        }
    }

    private func kill(_ id: String) async {
        ports.host.kill(id)
        // The endpoint is gone if the worker drained before the deadline.
        if endpoints[id] == nil { await apply(.killed, to: id) }
    }

    private func replace(_ id: String) async {
        do {
            try await ports.cloud.replace(id)
        } catch {
            report("\(error)")
        }
    }

    private func endAll() async {
        for instance in instances.values {
            if let process = instance.process { ports.host.stop(process) }
        }
        for _ in 0..<100 where !endpoints.isEmpty {
            await ports.pause(.milliseconds(100))
        }
        for id in instances.keys { ports.host.kill(id) }
    }

    // MARK: One instance

    private func run(_ member: GroupMember) async {
        let ending: String
        do {
            ending = try await runWorker(of: member)
        } catch {
            ending = "\(error)"
        }
        endpoints[member.id] = nil
        // Kills the processes that the worker left running, as a power-off does.
        ports.host.kill(member.id)
        await apply(isShuttingDown ? .shutDown : .workerEnded(ending), to: member.id)
    }

    /// Returns how the worker ended.
    private func runWorker(of member: GroupMember) async throws -> String {
        let launched = instances[member.id]?.launched ?? ports.now()
        let endpoint = try ports.metadata(
            MetadataService.Identity(
                instanceID: member.id, instanceType: kind.instanceType, zone: member.zone,
                zoneID: MetadataService.Identity.zoneID(member.zone), region: kind.region,
                accountID: kind.accountID, roleName: kind.roleName, launched: launched,
                isSpot: member.isSpot))
        endpoints[member.id] = endpoint
        let price = try await ports.cloud.price(of: member)
        prices[member.id] = price
        // The bill starts at the launch time that the metadata shows.
        var line = Journal.Line(time: launched, kind: .launch, instance: member.id)
        line.type = kind.instanceType
        line.zone = member.zone
        line.price = price
        record(line)
        await endpoint.setKeys(try await ports.cloud.roleKeys(for: member.id))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await endpoint.serve() }
            group.addTask { await self.renewKeys(of: member.id, at: endpoint) }
            defer { group.cancelAll() }
            let address = try await endpoint.address()
            return try await ports.host.run(member.id, metadata: address) { process in
                await self.apply(.workerStarted(process), to: member.id)
            }
        }
    }

    private func renewKeys(of id: String, at endpoint: any InstanceMetadata) async {
        while !Task.isCancelled {
            // EC2 also renews the keys well before they expire.
            await ports.pause(.seconds(1800))
            guard !Task.isCancelled else { return }
            do {
                await endpoint.setKeys(try await ports.cloud.roleKeys(for: id))
            } catch {
                report("\(error)")
            }
        }
    }

    // MARK: Transitions and effects

    /// Applies an event and performs all effects. Errors are reported.
    private func apply(_ event: Instance.Event, to id: String) async {
        for effect in transition(id, by: event) {
            do {
                try await perform(effect, on: id)
            } catch {
                report("\(error)")
            }
        }
    }

    private func transition(_ id: String, by event: Instance.Event) -> [Instance.Effect] {
        guard var instance = instances[id] else { return [] }
        let effects = instance.apply(event, at: ports.now())
        guard instance != instances[id] else { return effects }
        instances[id] = instance
        if case .ended(let reason) = instance.state {
            health.ended(instance, at: ports.now(), policy: policy)
            startFailure =
                health.earlyExits >= policy.earlyExitsMax
                ? "Workers keep failing at their start: \(reason.text)" : nil
        }
        return effects
    }

    private func perform(_ effect: Instance.Effect, on id: String) async throws(LocalCloudError) {
        switch effect {
        case .record(let line): record(line)
        case .showNotice(let deadline): await endpoints[id]?.showNotice(deadline: deadline)
        case .showTermination: await endpoints[id]?.showTermination()
        case .announce(let event):
            // The Lambda functions that receive the events end with the local cloud.
            if !isShuttingDown { try await ports.cloud.announce(event, of: id) }
        case .stopWorker(let process): ports.host.stop(process)
        case .killAll: ports.host.kill(id)
        }
    }

    private func record(_ line: Journal.Line) {
        log.info(
            "instance",
            metadata: [
                "event": "\(line.kind.rawValue)", "instance": "\(line.instance)",
                "reason": "\(line.reason ?? "")",
            ])
        do {
            try ports.journal.append(line)
        } catch {
            report("\(error)")
        }
    }

    private func report(_ text: String) {
        lastError = text
        log.error("emulator", metadata: ["error": "\(text)"])
    }
}
