import ArgumentParser
import Presentation
import Farm
import FarmOnAWS

/// How far a job is, and why what failed did.
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tells how far a job is, and why what failed did.",
        discussion: """

              spotrender status                  the open jobs
              spotrender status shot-1a2b3c4d
              spotrender status shot-1a2b3c4d --json | jq .job.frames
            """)

    @Argument(help: "The job, as in shot-1a2b3c4d. Default: all open jobs.")
    var job: String?
    @OptionGroup var output: JSONOption
    @OptionGroup var options: FarmOptions

    private struct Document: Encodable {
        let job: JobDocument
        let failures: [FailureDocument]
        let slicing: SlicingDocument
        /// Numbers of the frames that are black or fully transparent.
        let blankFrames: [Int]
        /// What Cycles rendered on.
        let devices: [String]
        /// The most memory that Blender took in any attempt.
        let memoryPeakBytes: Int64?
        /// What the whole job will take and cost; empty before a frame is rendered, and in the end.
        let quote: [EstimateDocument.Row]
    }

    func run() async throws {
        let connection = try options.connect()
        let farm = connection.farm
        let now = farm.time.now()
        guard let job else {
            let open = try await farm.jobs.openJobs()
            if output.json { return try sayJSON(open.map { JobDocument($0) }) }
            if open.isEmpty { say("No job is open.") }
            for job in open { JobText.status(job, at: now).forEach(say) }
            return
        }
        let found = try await connection.job(JobID(job))
        let attempts = try await farm.tasks.attempts(of: found.id).sorted { $0.end < $1.end }
        let failures = attempts.compactMap { FailureDocument($0) }
        let slicing = SlicingFigures(attempts)
        let blank = BlankFrames(in: attempts)
        let quote = found.state.isSettled ? nil : Estimate(of: found, attempts)
        if output.json {
            return try sayJSON(
                Document(
                    job: JobDocument(found), failures: failures,
                    slicing: SlicingDocument(slicing), blankFrames: blank.numbers,
                    devices: attempts.devices, memoryPeakBytes: attempts.memoryPeak,
                    quote: quote?.rows.map { EstimateDocument.Row($0) } ?? []))
        }
        JobText.status(found, at: now).forEach(say)
        if let quote { say("  \(JobText.quote(quote))") }
        JobText.blenders(found, attempts).forEach { say("  \($0)") }
        JobText.machine(attempts).forEach { say("  \($0)") }
        if !blank.isEmpty { say("  \(blank)") }
        JobText.slicing(slicing).forEach { say("  \($0)") }
        for failure in failures { failure.lines(of: found.id).forEach { say("  \($0)") } }
        JobText.next(found).forEach { say("  \($0)") }
    }
}
