import AWS
import Farm
import FarmOnAWS
import Foundation
import Glibc
import HTTP
import Logging
import Operations
import Presentation

/// A farm that a command uses.
struct Connection: Sendable {
    let farm: AWSFarm
    let settings: Settings
    let files: S3JobFiles
    let inputs: S3
    private let environment: [String: String]

    /// Logs only warnings and errors, to standard error.
    ///
    /// - Parameter note: Receives what was read from where.
    init(_ address: FarmAddress, note: (String) -> Void = { _ in }) throws {
        let inherited = ProcessInfo.processInfo.environment
        let resolution = try address.resolve(
            inheriting: inherited, from: FileManager.default.currentDirectoryPath,
            home: inherited["HOME"].map { URL(filePath: $0).resolvingSymlinksInPath().path },
            .disk)
        resolution.notes.forEach(note)
        environment = resolution.environment
        var log = Logger(label: "spotrender") { StreamLogHandler.standardError(label: $0) }
        log.logLevel = .warning
        let transport = MultiTransport(
            requestsMax: 16, trust: HTTPTrust(environment: environment, else: .system))
        farm = try AWSFarm(environment: environment, transport: transport, log: log)
        settings = try Settings(environment: environment)
        inputs = S3(farm.client)
        files = S3JobFiles(inputs, bucket: settings.outputBucket)
    }

    /// Throws `SettingsError` if the environment does not name the groups.
    func fleet() throws -> AutoScalingFleet {
        AutoScalingFleet(
            AutoScaling(farm.client), groups: try GroupSettings(environment: environment))
    }

    var jobOperations: JobOperations {
        JobOperations(
            jobs: farm.jobs, tasks: farm.tasks, workers: farm.workers, queue: farm.queue,
            time: farm.time)
    }

    /// The job, or an error with the next step.
    func job(_ id: JobID) async throws -> Job {
        guard let job = try await farm.jobs.job(id) else { throw Self.unknown(id) }
        return job
    }

    static func unknown(_ id: JobID) -> PortError {
        PortError(
            .missing, "find job \(id)",
            "the farm has no such job; `spotrender jobs --all` lists all jobs")
    }

    /// Everything that a report on these jobs is computed from.
    func records(of jobs: [JobID]) async throws -> FarmReport.Records {
        try await RecordsReader(
            jobs: farm.jobs, tasks: farm.tasks, workers: farm.workers, notices: farm.notices
        ).records(of: jobs)
    }
}

extension FarmAddress.Files {
    /// The disk, as the user who runs the program sees it.
    static var disk: Self {
        Self(
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
            },
            facts: { path in
                var facts = stat()
                guard unsafe stat(path, &facts) == 0 else { return nil }
                return FarmAddress.Facts(
                    owner: facts.st_uid, group: facts.st_gid, mode: facts.st_mode)
            },
            user: getuid())
    }
}
