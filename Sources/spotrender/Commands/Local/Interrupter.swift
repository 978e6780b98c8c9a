import Farm
import FarmOnAWS
import LocalCloud
import Operations
import Presentation

/// Interrupts workers while they render a job, as an `InterruptionPlan` says, and reports faults of
/// the local cloud.
struct Interrupter {
    private static let interval: Duration = .seconds(1)
    /// Long enough for two more attempts to start a worker.
    private static let troubleBound: Duration = .seconds(75)

    let cloud: LocalCloud
    let connection: Connection
    let job: JobID
    /// From the notice to the instance's end.
    let afterSeconds: Int

    /// Runs until the job has ended.
    ///
    /// - Throws: If the local cloud has a lasting fault.
    func run(_ plan: InterruptionPlan) async throws {
        let farm = connection.farm
        var plan = plan
        var trouble: (text: String, since: Timestamp)?
        while true {
            let now = farm.time.now()
            let status = try await cloud.status()
            if let text = status.trouble {
                if text != trouble?.text { cloud.ports.report(text) }
                trouble = (text, trouble?.since ?? now)
            } else {
                trouble = nil
            }
            if let trouble, now - trouble.since > Self.troubleBound {
                throw LocalCloudError("render \(job)", trouble.text)
            }
            if let job = try await farm.jobs.job(job) {
                if job.state.isSettled { return reportRest(of: plan) }
                if !plan.left.isEmpty { try await interrupt(&plan, job, status, at: now) }
            }
            try await Task.sleep(for: Self.interval)
        }
    }

    private func interrupt(
        _ plan: inout InterruptionPlan, _ job: Job, _ status: EmulatorStatus, at now: Timestamp
    ) async throws {
        let tasks = try await connection.farm.tasks.allTasks(of: job.id)
        let look = WatchView.Look(
            job: job, workers: try await connection.farm.workers.openWorkers(), samples: [],
            now: now)
        while let (worker, method) = plan.next(
            tasks, status, frameCount: look.framesDone, at: now)
        {
            _ = try await cloud.interrupt(
                InterruptionOrder(
                    instance: worker.rawValue, afterSeconds: afterSeconds, method: method))
            cloud.ports.report(
                method == .kill
                    ? "\(worker) ends without a notice"
                    : "\(worker) gets its interruption notice (\(method.rawValue)) and ends in "
                        + "\(afterSeconds) s")
        }
    }

    private func reportRest(of plan: InterruptionPlan) {
        guard !plan.left.isEmpty else { return }
        cloud.ports.report(
            "The job ended before the plan: "
                + "\(Format.count(plan.left.count, "interruption")) did not happen.")
    }
}
