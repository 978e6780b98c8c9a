import AWS
import Blender
import Farm
import FarmOnAWS
import Logging
import Worker

/// Connects the worker to AWS and to Blender.
struct WorkerProgram {
    let environment: WorkerEnvironment
    let imds: IMDS
    let identity: WorkerIdentity
    let farm: AWSFarm
    let blenders: InstalledBlenders
    let frame: LatestFrame
    let log: Logger

    func run() async throws {
        let limits = WorkerLimits(lease: farm.lease, hasOnDemand: environment.hasOnDemand)
        let heartbeat = WorkerHeartbeat(
            record,
            ports: WorkerHeartbeat.Ports(
                workers: farm.workers, protection: farm.protection(of: identity.id),
                prices: EC2InstancePrices(EC2(farm.client), of: identity), time: farm.time,
                frame: { [frame] in frame.value }),
            interval: farm.lease.renewalInterval, log: log)
        let loop = RenderLoop(
            worker: record,
            ports: RenderLoop.Ports(
                jobs: farm.jobs, tasks: farm.tasks, queue: farm.queue, scenes: farm.scenes,
                frames: farm.frames, slices: farm.slices, notices: farm.notices,
                fleetStore: farm.fleetStore, engine: blenders, time: farm.time),
            heartbeat: heartbeat, directory: environment.directory, limits: limits, log: log)
        let monitor = InterruptionMonitor(
            source: IMDSNotices(imds), limits: limits, heartbeat: heartbeat, notices: farm.notices,
            time: farm.time, log: log)
        try await WorkerServices(
            loop: loop, monitor: monitor, heartbeat: heartbeat,
            leavesAfterNotice: environment.leavesAfterNotice, time: farm.time, log: log
        ).run()
    }

    private var record: WorkerRecord {
        WorkerRecord(
            id: identity.id, pool: identity.pool, lifecycle: identity.lifecycle,
            state: .booting, seen: farm.time.now(), launched: identity.launched,
            diskGiB: environment.diskGiB, graphics: blenders.graphics)
    }
}
