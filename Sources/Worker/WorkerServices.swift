package import Farm
package import Logging
internal import ServiceLifecycle
internal import UnixSignals

/// The worker's services, from start to SIGTERM: heartbeat, interruption monitor, render loop.
///
/// They shut down in reverse order: the worker reports until its last task is handed back.
package struct WorkerServices: Sendable {
    private let loop: RenderLoop
    private let monitor: InterruptionMonitor
    private let heartbeat: WorkerHeartbeat
    private let leavesAfterNotice: Bool
    private let time: any TimeSource
    private let log: Logger

    /// - Parameter leavesAfterNotice: End after a notice instead of waiting until EC2 ends the
    ///   instance.
    package init(
        loop: RenderLoop, monitor: InterruptionMonitor, heartbeat: WorkerHeartbeat,
        leavesAfterNotice: Bool = false, time: any TimeSource, log: Logger
    ) {
        self.loop = loop
        self.leavesAfterNotice = leavesAfterNotice
        self.monitor = monitor
        self.heartbeat = heartbeat
        self.time = time
        self.log = log
    }

    /// Returns after SIGTERM or SIGINT, and with `leavesAfterNotice` after a notice. Throws errors
    /// that remain after all retries.
    package func run() async throws {
        let drain = DrainSignal()
        let rendering = ServiceGroupConfiguration.ServiceConfiguration(
            service: Rendering(
                loop: loop, heartbeat: heartbeat, drain: drain,
                leavesAfterNotice: leavesAfterNotice, time: time),
            successTerminationBehavior: .gracefullyShutdownGroup,
            failureTerminationBehavior: .gracefullyShutdownGroup)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: Reporting(heartbeat: heartbeat)),
                    .init(service: Listening(monitor: monitor, drain: drain)),
                    rendering,
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: log))
        try await group.run()
    }

    private struct Reporting: Service {
        let heartbeat: WorkerHeartbeat

        func run() async {
            await cancelWhenGracefulShutdown { await heartbeat.run() }
        }
    }

    private struct Listening: Service {
        let monitor: InterruptionMonitor
        let drain: DrainSignal

        func run() async throws {
            await cancelWhenGracefulShutdown { await monitor.run(raising: drain) }
            // The notice has come. This service must not return: that would end the others.
            try await gracefulShutdown()
        }
    }

    private struct Rendering: Service {
        let loop: RenderLoop
        let heartbeat: WorkerHeartbeat
        let drain: DrainSignal
        let leavesAfterNotice: Bool
        let time: any TimeSource

        func run() async throws {
            let interruption = try await withGracefulShutdownHandler {
                try await loop.run(until: drain)
            } onGracefulShutdown: {
                drain.raise(Interruption(.drain, by: .signal), at: time.now())
            }
            // After a notice the worker waits until EC2 ends the instance. EC2 does not charge for
            // an instance that it reclaims in its first hour, but charges for one that ends itself.
            if interruption.path != .signal, !leavesAfterNotice { try await gracefulShutdown() }
            await heartbeat.transition(.end)
        }
    }
}
