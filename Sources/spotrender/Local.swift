import ArgumentParser
import Farm
import Foundation
import HTTP
import LocalCloud
import Presentation

/// The farm on this machine.
struct Local: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The whole farm on this machine, without an AWS account.",
        subcommands: [
            Up.self, Down.self, Run.self, Interrupt.self, Refuse.self, Instances.self,
            EmulatorCommand.self,
        ])

    /// What all of them take.
    struct Options: ParsableArguments {
        @Option(help: "Folder for the local cloud's state and logs.")
        var state = ".spotrender/local"

        var folder: StateFolder { StateFolder(path: absolute(state)) }

        /// - Parameter isForProgram: Standard output is for a document: what is being done goes to
        ///   standard error.
        func cloud(isForProgram: Bool = false) -> LocalCloud {
            LocalCloud(
                state: folder,
                ports: LocalCloud.Ports(
                    transport: MultiTransport(requestsMax: 8), pause: pause, randomHex: randomHex,
                    report: { isForProgram ? sayAside($0) : say($0) }))
        }
    }

    struct Up: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Starts the AWS APIs, deploys the stack, and watches over the instances.",
            discussion: """
                May be called again at any time: the stack is then brought up to date.

                  spotrender local up
                  spotrender local up --fleet-max 10 --turn-around 300
                  . "$(spotrender local up --json | jq -r .environmentFile)"
                """)

        @OptionGroup var options: Options
        @OptionGroup var output: JSONOption
        @Option(help: "The project's folder, with infra/ and .venv.")
        var project = "."
        @Option(help: "Folder with the packaged programs. Default: dist in the project's folder.")
        var dist: String?
        @Option(help: "Spot instances at most. 0 leaves the work to --on-demand.")
        var fleetMax = 2
        @Option(help: "On-Demand instances, there whenever there is work.")
        var onDemand = 0
        @Option(help: "The fleet is sized so that waiting work is done within this many seconds.")
        var turnAround = 60
        @Option(help: "The scaler runs every so many seconds (on AWS: every minute).")
        var schedule = 5
        @Option(help: "A worker silent for so many seconds loses its task to another.")
        var lease = 120
        @Option(help: "An instance idle for so many seconds is ended (on AWS: 300).")
        var idleGrace = 30
        @Option(
            help: "Spot capacity may stay away for so many seconds before On-Demand (on AWS: 300).")
        var launchWait = 60

        func validate() throws {
            guard (0...64).contains(fleetMax), (0...64).contains(onDemand),
                fleetMax + onDemand > 0
            else {
                throw ValidationError(
                    "--fleet-max and --on-demand want 0 to 64 instances, and not both 0.")
            }
            guard turnAround >= 60, schedule >= 1 else {
                throw ValidationError("--turn-around wants 60 or more, --schedule 1 or more.")
            }
            guard (30...3600).contains(lease) else {
                throw ValidationError("--lease wants 30 to 3600 seconds.")
            }
            guard (0...3600).contains(idleGrace), (30...3600).contains(launchWait) else {
                throw ValidationError("--idle-grace wants 0, --launch-wait 30 to 3600 seconds.")
            }
        }

        func run() async throws {
            let environment = ProcessInfo.processInfo.environment
            let project = absolute(project)
            let settings = LocalSettings(
                project: project, dist: dist.map(absolute) ?? project + "/dist",
                fleetMax: fleetMax, onDemand: onDemand, turnAroundSeconds: turnAround,
                scheduleSeconds: schedule,
                leaseSeconds: lease, idleGraceSeconds: idleGrace, launchWaitSeconds: launchWait,
                blender: environment["SPOTRENDER_BLENDER"],
                sandbox: environment["SPOTRENDER_SANDBOX"],
                path: environment["PATH"] ?? "/usr/bin:/bin")
            let cloud = options.cloud(isForProgram: output.json)
            try await cloud.up(settings, program: try ownPath())
            if output.json {
                return try sayJSON(
                    LocalUpDocument(
                        folder: options.folder.path,
                        environmentFile: options.folder.environmentScript,
                        endpoint: try LocalAccount(options.folder).endpoint))
            }
            say(
                """
                The local cloud is up. State and logs: \(options.folder.path)
                To call it with AWS's own tools: . \(options.folder.environmentScript)
                """)
        }
    }

    struct Down: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ends everything `up` started. What is stored stays.",
            discussion: """

                  spotrender local down
                  spotrender local down --delete-state
                """)

        @OptionGroup var options: Options
        @OptionGroup var output: JSONOption
        @Flag(help: "Also remove the state: buckets, jobs, logs.")
        var deleteState = false

        func run() async throws {
            let hadAny = try await options.cloud(isForProgram: output.json).down()
            let path = options.folder.path
            let isDeleted = deleteState && FileManager.default.fileExists(atPath: path)
            if isDeleted { try FileManager.default.removeItem(atPath: path) }
            if output.json {
                return try sayJSON(
                    LocalDownDocument(folder: path, wasUp: hadAny, isStateDeleted: isDeleted))
            }
            say(hadAny ? "The local cloud is down." : "The local cloud was not up.")
        }
    }

    struct Interrupt: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Takes an instance away, as EC2 does: notice now, the end later.",
            discussion: """

                  spotrender local interrupt
                  spotrender local interrupt i-0123456789abcdef0 --after 30 --method imds
                  spotrender local interrupt --method kill --json | jq -r .worker
                """)

        @OptionGroup var options: Options
        @OptionGroup var output: JSONOption
        @Argument(help: "The instance. Default: the one that runs longest.")
        var instance: String?
        @Option(help: "Seconds from the notice to the end.")
        var after = 120
        @Option(
            help: "imds, eventbridge or both, as EC2: how it is told. kill: ended at once, untold.")
        var method = DetectionStatistics.Method.both

        func validate() throws {
            guard (0...3600).contains(after) else {
                throw ValidationError("--after wants 0 to 3600 seconds.")
            }
        }

        func run() async throws {
            let taken = try await options.cloud().interrupt(
                InterruptionOrder(instance: instance, afterSeconds: after, method: method))
            if output.json {
                let seconds = method == .kill ? 0 : after
                return try sayJSON(
                    LocalInterruptionDocument(
                        worker: taken, method: method.rawValue, endsAfterSeconds: seconds))
            }
            say(
                method == .kill
                    ? "\(taken) was ended without notice." : "\(taken) ends in \(after) seconds.")
        }
    }

    struct Instances: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the instances.",
            discussion: """

                  spotrender local instances
                  spotrender local instances --json | jq -r '.instances[].worker'
                """)

        @OptionGroup var options: Options
        @OptionGroup var output: JSONOption

        func run() async throws {
            let status = try await options.cloud().status()
            if output.json { return try sayJSON(LocalInstancesDocument(status)) }
            for line in status.instances {
                say(
                    "\(line.id)  \(line.zone)  \(line.isSpot ? "spot" : "on-demand")  \(line.state)  since \(line.launched)"
                        + (line.price.map { "  $\($0)/h" } ?? ""))
            }
            if let trouble = status.trouble { say(trouble) }
        }
    }
}

extension DetectionStatistics.Method: ExpressibleByArgument {}

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
