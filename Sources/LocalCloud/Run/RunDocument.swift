import Farm
import Presentation

/// What a run came to, for programs.
package struct RunDocument: Encodable {
    private let job: String
    private let isDone: Bool
    /// In words.
    private let outcome: String
    /// What failed tasks say.
    private let reasons: [String]
    private let frames: Int
    /// Where the frames are.
    private let folder: String
    private let wallSeconds: Double
    private let instances: Int
    private let interruptions: Int
    private let tasksHandedOn: Int
    private let retries: Int
    private let detection: [ReportDocument.Detection]
    private let report: ReportDocument

    /// - Parameters:
    ///   - frames: The folder that they are in.
    package init(_ summary: RunSummary, frames folder: String, reasons: [String]) {
        job = summary.job.rawValue
        isDone = summary.state == .succeeded
        outcome = summary.outcome
        self.reasons = reasons
        frames = summary.frameCount
        self.folder = folder
        wallSeconds = summary.wall / .seconds(1)
        instances = summary.instances
        interruptions = summary.interruptions
        tasksHandedOn = summary.interruptedTasks
        retries = summary.failures
        detection = summary.detection.rows.map { ReportDocument.Detection($0) }
        report = ReportDocument(summary.report)
    }
}
