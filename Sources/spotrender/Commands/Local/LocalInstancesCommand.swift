import ArgumentParser
import Farm
import LocalCloud
import Presentation

/// `spotrender local instances`
struct LocalInstancesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "instances",
        abstract: "Lists the instances of the local cloud.",
        discussion: """

              spotrender local instances
              spotrender local instances --json | jq -r '.instances[].worker'
            """)

    @OptionGroup var options: LocalOptions
    @OptionGroup var output: JSONOption

    func run() async throws {
        let status = try await options.cloud().status()
        if output.json { return try showJSON(LocalInstancesDocument(status)) }
        let rows = status.instances.map { line in
            [
                line.id, line.zone, line.isSpot ? "spot" : "on-demand", line.state,
                "since \(line.launched)", line.price.map { "$\($0)/h" } ?? "",
            ]
        }
        Format.table(rows).forEach(show)
        if let trouble = status.trouble { show(trouble) }
    }
}

extension LocalInstancesDocument {
    init(_ status: EmulatorStatus) {
        self.init(
            status.instances.map { line in
                Instance(
                    worker: line.id, zone: line.zone, isSpot: line.isSpot, state: line.state,
                    launched: line.launched, processID: line.pid,
                    pricePerHour: line.price.flatMap { Money(decimal: $0) })
            }, trouble: status.trouble)
    }
}
