import AWS
import Blender
import Farm
import FarmOnAWS
import Foundation
import HTTP
import Logging
import Worker

/// The program on each instance: reads who and where it is, then renders until it is told to stop.
@main struct RenderWorker {
    static func main() async throws {
        var environment = ProcessInfo.processInfo.environment
        let log = logger(level: environment["SPOTRENDER_LOG_LEVEL"])
        do {
            let transport = MultiTransport(
                trust: HTTPTrust(environment: environment, else: .system))
            let imds = IMDS(environment: environment, transport: transport)
            let identity = try await WorkerIdentity.read(from: imds)
            environment["AWS_REGION"] = environment["AWS_REGION"] ?? identity.region
            let farm = try AWSFarm(environment: environment, transport: transport, log: log)
            let blender = BlenderProgram(
                environment["SPOTRENDER_BLENDER"] ?? "blender",
                searchPath: environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin")
            let version = try await blender.version()
            log.info("found Blender", metadata: ["version": "\(version)"])
            let record = WorkerRecord(
                id: identity.id, pool: identity.pool, lifecycle: identity.lifecycle,
                state: .booting, seen: farm.time.now(),
                pricePerHour: await price(of: identity, EC2(farm.client), at: farm.time.now(), log))
            try await serve(
                record, farm, BlenderEngine(blender), IMDSNotices(imds), environment, log)
        } catch {
            log.critical("the worker can't go on", metadata: ["error": "\(error)"])
            exit(1)
        }
    }

    /// Text lines on standard error, which systemd keeps.
    private static func logger(level: String?) -> Logger {
        var log = Logger(label: "render-worker") { StreamLogHandler.standardError(label: $0) }
        // The template's levels are Lambda's, which say WARN.
        let name = level?.lowercased()
        log.logLevel =
            name == "warn" ? .warning : name.flatMap { Logger.Level(rawValue: $0) } ?? .info
        return log
    }

    /// Frames come before bills: a worker that can't learn its price renders all the same.
    private static func price(
        of identity: WorkerIdentity, _ ec2: EC2, at now: Timestamp, _ log: Logger
    ) async -> Double? {
        do {
            return try await identity.spotPrice(from: ec2, at: now)
        } catch {
            log.warning("can't learn the Spot price", metadata: ["error": "\(error)"])
            return nil
        }
    }

    private static func serve(
        _ record: WorkerRecord, _ farm: AWSFarm, _ engine: BlenderEngine,
        _ notices: IMDSNotices, _ environment: [String: String], _ log: Logger
    ) async throws {
        var limits = Limits()
        limits.lease = farm.lease
        let presence = Presence(
            record, workers: farm.workers, interval: limits.lease.renewalInterval,
            time: farm.time, log: log)
        let loop = RenderLoop(
            worker: record,
            ports: RenderLoop.Ports(
                jobs: farm.jobs, tasks: farm.tasks, queue: farm.queue, scenes: farm.scenes,
                frames: farm.frames, notices: farm.notices, engine: engine, time: farm.time),
            presence: presence,
            directory: URL(
                filePath: environment["SPOTRENDER_WORK_DIR"] ?? "/var/lib/spotrender"
            ).path(percentEncoded: false),
            limits: limits, log: log)
        let monitor = InterruptionMonitor(
            source: notices, limits: limits, presence: presence, notices: farm.notices,
            time: farm.time, log: log)
        let services = WorkerServices(
            loop: loop, monitor: monitor, presence: presence, time: farm.time, log: log)
        try await services.run()
    }
}
