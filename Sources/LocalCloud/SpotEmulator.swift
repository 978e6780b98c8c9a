import Farm
import FoundationEssentials
package import Logging

/// Keeps one worker process for each instance on the group's list, and takes instances away.
///
/// Once a second it reads the list, asks `EmulatorPolicy` what to do, and does it. Each instance lives
/// in a task of its own: its metadata endpoint, its keys' renewal and its worker's process.
package actor SpotEmulator {
    private let kind: Kind
    private let ports: Ports
    private let policy: EmulatorPolicy
    private let log: Logger
    private var instances: [String: Instance] = [:]
    private var endpoints: [String: any InstanceMetadata] = [:]
    private var prices: [String: String] = [:]
    private var health = EmulatorPolicy.Health()
    /// What keeps workers from living, while it does; and what an AWS call said that failed.
    private var dying: String?
    private var fault: String?
    private var isShuttingDown = false

    package init(kind: Kind, ports: Ports, policy: EmulatorPolicy = EmulatorPolicy(), log: Logger) {
        self.kind = kind
        self.ports = ports
        self.policy = policy
        self.log = log
    }

    /// Returns after `shutDown()`, when no instance is left.
    package func run() async {
        await abandonEarlierInstances()
        await withDiscardingTaskGroup { group in
            while !isShuttingDown {
                await turn(&group)
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
            trouble: dying ?? fault)
    }

    /// Carries out an interruption as EC2 would; returns the instance, chosen when none is named.
    package func interrupt(_ order: InterruptionOrder) async throws(LocalCloudError) -> String {
        // EC2 takes Spot capacity back; a crash can hit any machine.
        let running = instances.values.filter {
            guard $0.isSpot || order.method == .kill else { return false }
            if case .running = $0.state { return true } else { return false }
        }
        let oldest = running.min { ($0.launched, $0.id) < ($1.launched, $1.id) }
        guard let instance = order.instance.map({ id in running.first { $0.id == id } }) ?? oldest,
            case .running(let process) = instance.state
        else {
            throw LocalCloudError(
                "interrupt \(order.instance ?? "an instance")",
                "No such Spot instance runs. `spotrender local instances` lists those that do.")
        }
        var line = Journal.Line(time: ports.now(), kind: .notice, instance: instance.id)
        line.reason = order.method.rawValue
        switch order.method {
        case .kill:
            instances[instance.id]?.state = .cut(process)
            record(line)
            ports.host.kill(instance.id)
        case .imds, .eventBridge, .both:
            let deadline = ports.now().addingTimeInterval(Double(order.afterSeconds))
            instances[instance.id]?.state = .noticed(process, deadline: deadline)
            line.deadline = deadline
            record(line)
            let told = order.method == .eventBridge ? nil : endpoints[instance.id]
            await told?.notice(deadline: deadline)
            if order.method == .imds { break }
            try await ports.cloud.announce(.interruptionWarning, of: instance.id)
        }
        return instance.id
    }

    // MARK: Turns

    /// What an earlier plane left on the list went away with it: new ones come in their place.
    private func abandonEarlierInstances() async {
        do {
            for member in try await ports.cloud.members() {
                ports.host.kill(member.id)
                try await ports.cloud.replace(member.id)
            }
        } catch {
            report("\(error)")
        }
    }

    private func turn(_ group: inout DiscardingTaskGroup) async {
        let members: [GroupMember]
        do {
            members = try await ports.cloud.members()
            fault = nil
        } catch {
            report("\(error)")
            return
        }
        if health.isMended(by: instances.values, at: ports.now(), policy: policy) { dying = nil }
        for action in policy.actions(
            members: members, instances: instances, health: health, now: ports.now())
        {
            switch action {
            case .launch(let member):
                instances[member.id] = Instance(
                    id: member.id, zone: member.zone, isSpot: member.isSpot,
                    launched: ports.now())
                group.addTask { await self.live(member) }
            case .tell(let id):
                guard let process = instances[id]?.process else { continue }
                instances[id]?.state = .leaving(process)
                await endpoints[id]?.leave()
            case .stop(let id):
                guard let process = instances[id]?.process else { continue }
                instances[id]?.state = .stopping(process, since: ports.now())
                ports.host.stop(process)
                record(Journal.Line(time: ports.now(), kind: .stopping, instance: id))
                await announce(.state("shutting-down"), of: id)
            case .kill(let id):
                await kill(id)
            case .replace(let id):
                await replace(id)
            case .forget(let id):
                instances[id] = nil
                prices[id] = nil
            }
        }
    }

    private func kill(_ id: String) async {
        ports.host.kill(id)
        // A worker that drained before the deadline has left an empty instance.
        if endpoints[id] == nil { await end(id, .reclaimed) }
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

    private func live(_ member: GroupMember) async {
        let ending: Instance.Ending
        do {
            let how = try await serve(member)
            ending = .died(how)
        } catch {
            ending = .died("\(error)")
        }
        endpoints[member.id] = nil
        // Whatever the worker left behind, as a power-off would.
        ports.host.kill(member.id)
        switch instances[member.id]?.state {
        case .noticed(_, let deadline):
            if ports.now() >= deadline { await end(member.id, .reclaimed) }
        case .cut: await end(member.id, .lost)
        case .stopping: await end(member.id, .scaledIn)
        case .starting, .running, .leaving:
            await end(member.id, isShuttingDown ? .scaledIn : ending)
        case .ended, nil: break
        }
    }

    /// Returns how the worker ended.
    private func serve(_ member: GroupMember) async throws -> String {
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
        // As its metadata says: it is paid from then on.
        var line = Journal.Line(time: launched, kind: .launch, instance: member.id)
        line.type = kind.instanceType
        line.zone = member.zone
        line.price = price
        record(line)
        await endpoint.keys(try await ports.cloud.roleKeys(for: member.id))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await endpoint.serve() }
            group.addTask { await self.renewKeys(of: member.id, at: endpoint) }
            defer { group.cancelAll() }
            let address = try await endpoint.address()
            return try await ports.host.run(member.id, metadata: address) { process in
                await self.began(member.id, process)
            }
        }
    }

    private func renewKeys(of id: String, at endpoint: any InstanceMetadata) async {
        while !Task.isCancelled {
            // EC2 puts new keys there well before the old ones end, too.
            await ports.pause(.seconds(1800))
            guard !Task.isCancelled else { return }
            do {
                await endpoint.keys(try await ports.cloud.roleKeys(for: id))
            } catch {
                report("\(error)")
            }
        }
    }

    private func began(_ id: String, _ process: ProcessRecord) {
        guard case .starting = instances[id]?.state else { return }
        instances[id]?.state = .running(process)
        record(Journal.Line(time: ports.now(), kind: .running, instance: id))
    }

    private func end(_ id: String, _ ending: Instance.Ending) async {
        guard var instance = instances[id] else { return }
        instance.state = .ended(ending)
        instances[id] = instance
        health.ended(instance, at: ports.now(), policy: policy)
        dying =
            health.youngDeaths >= policy.youngDeathsMax
            ? "Workers keep dying at start: \(ending.reason)" : nil
        var line = Journal.Line(time: ports.now(), kind: .terminate, instance: id)
        line.reason = ending.reason
        record(line)
        guard ending.isTold else { return }
        // A worker that was asked to drain has had this event with it.
        if ending != .scaledIn { await announce(.state("shutting-down"), of: id) }
        await announce(.state("terminated"), of: id)
    }

    private func announce(_ event: InstanceNews, of id: String) async {
        // The functions behind the events end with the cloud.
        guard !isShuttingDown else { return }
        do {
            try await ports.cloud.announce(event, of: id)
        } catch {
            report("\(error)")
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
        fault = text
        log.error("plane", metadata: ["error": "\(text)"])
    }
}
