import Farm
import FarmOnAWS
import Foundation
import LocalCloud
import Presentation

/// The result of `spotrender local run`: the job's report, with detection times from the emulator's
/// journal.
struct LocalRunSummary {
    private let job: Job
    private let report: FarmReport
    private let detection: DetectionStatistics
    private let figures: LocalRunDocument.Figures

    /// Time in which a worker records its answer to a notice.
    private static let recordBound: Duration = .seconds(1)

    init(_ job: Job, cloud: LocalCloud, connection: Connection, start: Date) async throws {
        let end = Date()
        let journal = try Journal(path: cloud.state.journal).lines()
        let reclaims = journal.reclaims(since: start)
        if !reclaims.isEmpty { await pause(Self.recordBound) }
        let records = try await connection.records(of: [job.id])
        var notices = records.notices
        // The records lack instances that never had one of the job's tasks.
        let known = Set(records.attempts.map(\.worker))
        for reclaim in reclaims where !known.contains(reclaim.worker) {
            notices += try await connection.farm.notices.notices(of: reclaim.worker)
        }
        self.job = job
        report = FarmReport(
            records, now: connection.farm.time.now(), lease: connection.farm.lease)
        detection = DetectionStatistics(
            reclaims: reclaims, notices: notices,
            attempts: records.attempts.filter { $0.task.job == job.id })
        figures = LocalRunDocument.Figures(
            job: job.id, isDone: job.state == .succeeded, outcome: Self.outcome(of: job),
            framesDone: job.tally.frames, wall: .seconds(end.timeIntervalSince(start)),
            instances: journal.instanceCount(from: start, to: end),
            interruptions: reclaims.count, tasksHandedOn: job.tally.interruptions,
            failures: job.tally.failures)
    }

    private static func outcome(of job: Job) -> String {
        JobText.sentence(job.state) + (job.state.reason.map { ": \($0)" } ?? "")
    }

    private var failures: [String] {
        report.accounts.flatMap(\.attempts).filter { $0.task.job == job.id }
            .flatMap { FailureText.lines($0) }
    }

    func document(folder: String) -> LocalRunDocument {
        LocalRunDocument(
            figures, folder: folder, reasons: failures, detection: detection, report: report)
    }

    func lines(folder: String, logs: String) -> [String] {
        let bill = report.bill
        var rows = [
            ["frames", "\(figures.framesDone), in \(folder)"],
            ["wall time", Format.duration(figures.wall, digits: 1)],
            [
                "interruptions",
                "\(figures.interruptions) of \(Format.count(figures.instances, "instance")), "
                    + "\(Format.count(figures.tasksHandedOn, "task")) requeued",
            ],
            ["retries", "\(figures.failures)"],
        ]
        if job.taskCount > 0 {
            rows += [
                [
                    "cost",
                    "\(Format.dollars(bill.instances)) for instances, "
                        + "\(Format.dollars(bill.total)) in total, "
                        + "\(Format.dollars(bill.onDemand)) On-Demand",
                ],
                ["report", "spotrender report \(job.id)"],
            ]
        }
        rows.append(["logs", logs])
        return ["", "\(job.id) \(figures.outcome)"]
            + (Format.table(rows) + failures + DetectionTable(detection).lines).map { "  " + $0 }
    }
}
