import ArgumentParser
import Farm
import FarmOnAWS
import Foundation
import Presentation

/// `spotrender fleet`
struct FleetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fleet",
        abstract:
            "Shows the groups, the workers and the scaler's last decisions with their reasons.",
        discussion: """

              spotrender fleet
              spotrender fleet --decisions 20
              spotrender fleet --json | jq '.decisions[0].groups[] | {lifecycle, unitsDesired, reason}'
            """)

    @Option(help: "The number of decisions to show, newest first.")
    var decisions = 5
    @OptionGroup var output: JSONOption
    @OptionGroup var options: FarmOptions

    func validate() throws {
        guard (0...FleetMemory.ticksMax).contains(decisions) else {
            throw ValidationError("--decisions must be 0 to \(FleetMemory.ticksMax).")
        }
    }

    func run() async throws {
        let connection = try options.connect()
        let (farm, fleet) = (connection.farm, try connection.fleet())
        let now = farm.time.now()
        let groups = [try await fleet.spot(), try await fleet.onDemand()]
        let workers = try await farm.workers.openWorkers()
        let shortages = try await farm.fleetStore.refusals(at: now)
        let memory = try await farm.fleetStore.memory()
        let ticks = Array(memory.ticks.prefix(decisions))
        var unreadable = memory.ticks.first?.unreadable ?? UnreadableCount()
        // The scaler may have another version than this command.
        unreadable.add(farm.unreadable.take())
        if output.json {
            return try showJSON(
                FleetDocument(
                    groups: groups, workers: workers, shortages: shortages, ticks: ticks,
                    unreadable: unreadable))
        }
        FleetText(
            groups: groups, workers: workers, shortages: shortages, at: now,
            unreadable: unreadable
        ).lines(ticks).forEach(show)
    }
}
