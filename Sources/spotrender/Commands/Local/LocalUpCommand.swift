import ArgumentParser
import Foundation
import LocalCloud
import Presentation

/// `spotrender local up`
struct LocalUpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Starts the local AWS APIs, deploys the stacks and runs the instances.",
        discussion: """
            Run it again at any time to update the stacks.

              spotrender local up
              spotrender local up --fleet-max 10 --turn-around 300
              . "$(spotrender local up --json | jq -r .environmentFile)"
            """)

    @OptionGroup var options: LocalOptions
    @OptionGroup var output: JSONOption
    @Option(help: "The project's folder, which contains infra/ and .venv.")
    var project = "."
    @Option(help: "The folder with the packaged programs. Default: dist in the project's folder.")
    var dist: String?
    @Option(help: "The largest number of Spot instances. With 0, only --on-demand instances run.")
    var fleetMax = 2
    @Option(help: "On-Demand instances that run while there is work.")
    var onDemand = 0
    @Option(help: "The target time for waiting work, in seconds. It sizes the fleet.")
    var turnAround = 60
    @Option(help: "Seconds between two runs of the scaler (on AWS: 60).")
    var schedule = 5
    @Option(help: "A worker that is silent for so many seconds loses its task.")
    var lease = 120
    @Option(help: "An instance that is idle for so many seconds ends (on AWS: 300).")
    var idleGrace = 30
    @Option(
        help: "Seconds to wait for Spot capacity before On-Demand instances start (on AWS: 300).")
    var launchWait = 60

    func validate() throws {
        guard (0...64).contains(fleetMax), (0...64).contains(onDemand),
            fleetMax + onDemand > 0
        else {
            throw ValidationError(
                "--fleet-max and --on-demand must be 0 to 64, and not both 0.")
        }
        guard turnAround >= 60, schedule >= 1 else {
            throw ValidationError("--turn-around must be at least 60, --schedule at least 1.")
        }
        guard (30...3600).contains(lease) else {
            throw ValidationError("--lease must be 30 to 3600 seconds.")
        }
        guard (0...3600).contains(idleGrace), (30...3600).contains(launchWait) else {
            throw ValidationError(
                "--idle-grace must be 0 to 3600 seconds, --launch-wait 30 to 3600 seconds.")
        }
    }

    func run() async throws {
        let cloud = options.cloud(isForProgram: output.json)
        try await cloud.up(settings, program: try ownPath())
        if output.json {
            return try showJSON(
                LocalUpDocument(
                    folder: options.folder.path,
                    environmentFile: options.folder.environmentScript,
                    endpoint: try LocalAccount(options.folder).endpoint))
        }
        show(
            """
            The local cloud is up. State and logs: \(options.folder.path)
            For AWS's own tools: . \(options.folder.environmentScript)
            """)
    }

    private var settings: LocalSettings {
        let environment = ProcessInfo.processInfo.environment
        let project = absolute(project)
        return LocalSettings(
            project: project, dist: dist.map(absolute) ?? project + "/dist",
            fleetMax: fleetMax, onDemand: onDemand, turnAroundSeconds: turnAround,
            scheduleSeconds: schedule,
            leaseSeconds: lease, idleGraceSeconds: idleGrace, launchWaitSeconds: launchWait,
            blender: environment["SPOTRENDER_BLENDER"],
            sandbox: environment["SPOTRENDER_SANDBOX"],
            path: environment["PATH"] ?? "/usr/bin:/bin")
    }
}
