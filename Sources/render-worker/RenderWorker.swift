import AWS
import Blender
import Farm
import FarmOnAWS
import Foundation
import HTTP
import Logging
import Synchronization
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
            let frame = FrameNote()
            let directory = URL(
                filePath: environment["SPOTRENDER_WORK_DIR"] ?? "/var/lib/spotrender"
            ).path(percentEncoded: false)
            let blenders = try await InstalledBlenders(
                environment: environment, home: directory + "/blender"
            ) { now in frame.value.withLock { $0 = now } }
            for warning in blenders.warnings { log.warning("\(warning)") }
            log.info("found Blender", metadata: ["versions": "\(blenders)"])
            let record = WorkerRecord(
                id: identity.id, pool: identity.pool, lifecycle: identity.lifecycle,
                state: .booting, seen: farm.time.now(), launched: identity.launched,
                diskGiB: environment["SPOTRENDER_WORKER_DISK_GIB"].flatMap { Int($0) },
                graphics: blenders.graphics)
            let heartbeat = WorkerHeartbeat(
                record,
                ports: WorkerHeartbeat.Ports(
                    workers: farm.workers, protection: farm.protection(of: record.id),
                    prices: EC2InstancePrices(EC2(farm.client), of: identity), time: farm.time,
                    frame: { frame.value.withLock { $0 } }),
                interval: farm.lease.renewalInterval, log: log)
            try await serve(
                record, heartbeat, farm, blenders, in: directory, imds, environment, log)
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

    private static func serve(
        _ record: WorkerRecord, _ heartbeat: WorkerHeartbeat, _ farm: AWSFarm,
        _ engine: InstalledBlenders,
        in directory: String, _ imds: IMDS, _ environment: [String: String], _ log: Logger
    ) async throws {
        let limits = WorkerLimits(
            lease: farm.lease, hasOnDemand: environment["SPOTRENDER_ON_DEMAND_MAX"] != "0")
        let loop = RenderLoop(
            worker: record,
            ports: RenderLoop.Ports(
                jobs: farm.jobs, tasks: farm.tasks, queue: farm.queue, scenes: farm.scenes,
                frames: farm.frames, slices: farm.slices, notices: farm.notices,
                fleetStore: farm.fleetStore, engine: engine, time: farm.time),
            heartbeat: heartbeat, directory: directory, limits: limits, log: log)
        let monitor = InterruptionMonitor(
            source: IMDSNotices(imds), limits: limits, heartbeat: heartbeat, notices: farm.notices,
            time: farm.time, log: log)
        try await WorkerServices(
            loop: loop, monitor: monitor, heartbeat: heartbeat,
            leavesAfterNotice: environment["SPOTRENDER_LEAVE_AFTER_NOTICE"] == "true",
            time: farm.time, log: log
        ).run()
    }
}

/// From the engine, which hears of each sample, to the heartbeat, which now and then tells of one.
private final class FrameNote: Sendable {
    let value = Mutex<FrameProgress?>(nil)
}
