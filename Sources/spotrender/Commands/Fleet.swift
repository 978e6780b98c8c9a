import ArgumentParser
import Presentation
import Farm
import FarmOnAWS
import Foundation

/// The fleet as it is, and what the scaler decided last.
struct Fleet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows groups, workers, and what the scaler decided last, and why.",
        discussion: """

              spotrender fleet
              spotrender fleet --decisions 20
              spotrender fleet --json | jq '.ticks[0].rows[] | {group, desired, reason}'
            """)

    @Option(help: "Decisions to show, newest first.")
    var decisions = 5
    @OptionGroup var output: JSONOption
    @OptionGroup var options: FarmOptions

    func validate() throws {
        guard (0...FleetMemory.ticksMax).contains(decisions) else {
            throw ValidationError("--decisions wants 0 to \(FleetMemory.ticksMax).")
        }
    }

    func run() async throws {
        let connection = try options.connect()
        let (farm, fleet) = (connection.farm, try connection.fleet())
        let now = farm.time.now()
        let groups = [try await fleet.spot(), try await fleet.onDemand()]
        let workers = try await farm.workers.openWorkers()
        let refusals = try await farm.fleetStore.refusals(at: now)
        let ticks = Array(try await farm.fleetStore.memory().ticks.prefix(decisions))
        if output.json {
            let report = FleetReport(
                groups: groups, workers: workers, refusals: refusals, ticks: ticks)
            return try sayJSON(report)
        }
        for group in groups { say(line(of: group)) }
        for refusal in refusals { say(line(of: refusal, at: now)) }
        if !workers.isEmpty { say("") }
        for worker in workers.sorted(by: { $0.booted < $1.booted }) {
            say(line(of: worker, in: groups, at: now))
        }
        for tick in ticks {
            say("\n" + line(of: tick, at: now))
            for row in tick.rows { say("  " + line(of: row)) }
        }
    }

    private func line(of group: FleetGroup) -> String {
        "\(padded(group.lifecycle.rawValue, 9))  \(group.inServiceCount) in service, "
            + "\(group.desired) wanted, \(group.unitsMax) at most"
    }

    private func line(of refusal: CapacityShortage, at now: Timestamp) -> String {
        "\(refusal.lifecycle.rawValue) in \(refusal.zone) refuses for \(age(refusal.time, now)): "
            + refusal.message
    }

    private func line(
        of worker: WorkerRecord, in groups: [FleetGroup], at now: Timestamp
    ) -> String {
        let member = groups.flatMap(\.members).first { $0.id == worker.id }
        var facts = [
            worker.id.rawValue, padded(worker.lifecycle.rawValue, 9), "\(worker.pool)",
            padded("\(worker.state.rawValue) \(age(worker.since, now))", 14),
            "\(worker.framesDone) frames",
        ]
        if let price = worker.pricePerHour { facts.append("$\(price)/h") }
        if let progress = worker.progress { facts.append("task \(progress.task)") }
        if let end = worker.coolingUntil, now < end { facts.append("at risk") }
        if let graphics = worker.graphics { facts.append("graphics: \(graphics)") }
        facts.append(member.map { $0.isProtected ? "protected" : "" } ?? "not in its group")
        return facts.filter { !$0.isEmpty }.joined(separator: "  ")
    }

    private func line(of tick: FleetTick, at now: Timestamp) -> String {
        "\(age(tick.time, now)) ago: \(tick.openTasks) open tasks, "
            + "\(Int(tick.backlogSeconds.rounded())) s of render left"
    }

    private func line(of row: FleetTick.Row) -> String {
        let size = row.was == row.desired ? "\(row.was)" : "\(row.was) -> \(row.desired)"
        let ending = row.ending.isEmpty ? "" : ", ends \(row.ending.count)"
        let demand = String(format: "%.2f", row.demand)
        return "\(padded(row.lifecycle.rawValue, 9))  \(size)\(ending)  (demand \(demand), "
            + "\(row.usable) usable): \(row.reason)"
    }

    private func age(_ time: Timestamp, _ now: Timestamp) -> String {
        let seconds = Int((now - time).seconds)
        return seconds < 120 ? "\(seconds) s" : "\(seconds / 60) min"
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
