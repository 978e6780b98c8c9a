import Farm
import FarmOnAWS
import Foundation
import Inspection
import Presentation

/// Renders one frame on the farm for `estimate`, as a separate urgent job.
struct FarmProbe {
    let connection: Connection
    let isForProgram: Bool

    func render(
        _ frame: Int, of submission: Submission
    ) async throws -> EstimateCommand.Measured {
        var metadata = submission.metadata
        metadata["frames"] = "\(frame)"
        metadata["priority"] = "high"
        metadata["assembly"] = "false"
        // One whole frame. These settings size the fleet or split frames of the whole job.
        for name in ["chunk", "deadline", "budget", "split-samples", "force-slices"] {
            metadata[name] = nil
        }
        let id = try await submission.with(metadata).send(
            to: connection, namePrefix: "probe-", isShown: false
        ).job
        note("Rendering frame \(frame) on an instance, as job \(id) …")
        let job = try await JobWatch(connection: connection, id: id, isForProgram: true)
            .run(isExpected: true)
        let attempts = try await connection.farm.tasks.attempts(of: id)
        guard case .succeeded = job.state,
            let attempt = attempts.first(where: { $0.outcome == .succeeded }),
            let report = attempt.report, let milliseconds = report.frameMilliseconds.first
        else {
            throw PortError(
                .unavailable, "estimate by job \(id)",
                "the job has no frame; `spotrender status \(id)` shows the reason")
        }
        let type = attempt.pool.instanceType
        guard let speed = PriceBook.builtIn.speeds[type] else {
            throw PortError(
                .missing, "estimate by job \(id)",
                "the price book has no speed of a \(type)")
        }
        return EstimateCommand.Measured(
            probe: Estimate.Probe(
                frame: frame, duration: .milliseconds(milliseconds),
                opening: .milliseconds(report.openMilliseconds)),
            machine: .instance(speed, type: type), blender: report.blender?.description ?? "?")
    }
}
