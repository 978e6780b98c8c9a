import Operations
import AWS
import ArgumentParser
import Presentation
import Farm
import FarmOnAWS
import Foundation
import HTTP
import Logging

/// Which farm, and on which account: the same for every command that talks to one.
struct FarmOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The farm: a stack's name, local, or a file of variables.",
            discussion: "Default: what the environment names, else the one farm in .spotrender."))
    var stack: String?
    @Option(help: "AWS Region. Default: the farm's.")
    var region: String?
    @Option(help: "Profile in AWS's shared files, for the keys.")
    var profile: String?
    @Option(name: .customLong("endpoint-url"), help: "Where AWS's APIs are, when not at AWS.")
    var endpointURL: String?

    /// Prints nothing but warnings, on standard error.
    func connect() throws -> Connection {
        let address = FarmAddress(
            stack: stack, region: region, profile: profile, endpointURL: endpointURL)
        let manager = FileManager.default
        let environment = try address.environment(
            inheriting: ProcessInfo.processInfo.environment,
            from: manager.currentDirectoryPath,
            FarmAddress.Files(
                read: { path in
                    FileManager.default.contents(atPath: path).map {
                        String(decoding: $0, as: UTF8.self)
                    }
                },
                list: { path in
                    do {
                        return try FileManager.default.contentsOfDirectory(atPath: path)
                    } catch {
                        return []
                    }
                }))
        return try Connection(environment: environment)
    }
}

/// A farm that a command talks to.
struct Connection: Sendable {
    let farm: AWSFarm
    let settings: Settings
    let files: S3JobFiles
    let inputs: S3
    private let environment: [String: String]

    init(environment: [String: String]) throws {
        var log = Logger(label: "spotrender") { StreamLogHandler.standardError(label: $0) }
        log.logLevel = .warning
        let transport = MultiTransport(
            requestsMax: 16, trust: HTTPTrust(environment: environment, else: .system))
        farm = try AWSFarm(environment: environment, transport: transport, log: log)
        settings = try Settings(environment: environment)
        inputs = S3(farm.client)
        self.environment = environment
        files = S3JobFiles(inputs, bucket: settings.outputBucket)
    }

    /// Throws `SettingsError` where the variables don't name the groups.
    func fleet() throws -> AutoScalingFleet {
        AutoScalingFleet(
            AutoScaling(farm.client), groups: try GroupSettings(environment: environment))
    }

    var steer: SteerJob {
        SteerJob(
            jobs: farm.jobs, tasks: farm.tasks, workers: farm.workers, queue: farm.queue,
            time: farm.time)
    }

    /// The job, or an error that says where to find the right name.
    func job(_ id: JobID) async throws -> Job {
        guard let job = try await farm.jobs.job(id) else { throw Self.unknown(id) }
        return job
    }

    static func unknown(_ id: JobID) -> PortError {
        PortError(
            .missing, "find job \(id)",
            "there is none of this name; `spotrender jobs --all` lists them")
    }
}

/// For programs instead of people.
struct JSONOption: ParsableArguments {
    @Flag(help: "Print one JSON document for programs; docs/json.md describes it.")
    var json = false
}

func sayJSON(_ document: some Document) throws {
    say(String(decoding: try document.json(isPretty: true), as: UTF8.self))
}
