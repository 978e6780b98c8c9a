import Presentation
import Farm
import FarmOnAWS
import Foundation
import Inspection

/// Renders one frame on the farm, as an urgent job of its own, so that the scene's own job has its
/// frames to itself.
struct FarmProbe {
    let connection: Connection
    let isForProgram: Bool

    /// - Parameter metadata: What to render otherwise than the scene says.
    func render(
        _ frame: Int, of scene: LocalScene, _ inspection: SceneInspection,
        _ metadata: [String: String]
    ) async throws -> EstimateCommand.Measured {
        var wanted = metadata
        wanted["frames"] = "\(frame)"
        wanted["priority"] = "high"
        wanted["assembly"] = "false"
        // One frame, whole: what sizes the fleet or spreads a frame is the whole job's.
        for name in ["chunk", "deadline", "budget", "split-samples", "force-slices"] {
            wanted[name] = nil
        }
        let (id, _) = try await connection.upload(
            scene, inspection, named: "probe-", wanted, isShown: false)
        sayAside("Rendering frame \(frame) on an instance, as job \(id) …")
        let job = try await JobWatch(connection: connection, id: id, isForProgram: true)
            .run(isExpected: true)
        let attempts = try await connection.farm.tasks.attempts(of: id)
        guard case .succeeded = job.state,
            let attempt = attempts.first(where: { $0.outcome == .succeeded }),
            let report = attempt.report, let milliseconds = report.frameMilliseconds.first
        else {
            throw PortError(
                .unavailable, "estimate by job \(id)",
                "it has no frame; `spotrender status \(id)` says why")
        }
        let type = attempt.pool.instanceType
        guard let speed = PriceBook.builtIn.speeds[type] else {
            throw PortError(
                .missing, "estimate by job \(id)",
                "how fast a \(type) is compared with others is not in the table")
        }
        return EstimateCommand.Measured(
            probe: Estimate.Probe(
                frame: frame, duration: .milliseconds(milliseconds),
                opening: .milliseconds(report.openMilliseconds)),
            machine: .instance(speed, type: type), blender: report.blender?.description ?? "?")
    }
}
