internal import Farm
internal import Presentation

/// The notification that a job has ended.
struct JobMessage: Hashable, Sendable {
    let subject: String
    let text: String

    /// `nil` for a job that has not ended, and for one that a person canceled.
    init?(_ job: Job) {
        let file = job.source.key
        switch job.state {
        case .succeeded:
            subject = "Spotrender: \(job.id) is done"
            let frames = Format.count(job.settings?.frames.count ?? 0, "frame")
            let lines =
                ["\(file): \(frames) rendered.", Self.figures(job)]
                + ["Download the frames: spotrender download \(job.id) frames/"] + job.noteWords
            text = lines.joined(separator: "\n")
        case .failed(let failure):
            subject = "Spotrender: \(job.id) failed"
            var lines = ["\(file) could not be rendered. \(failure.words)"]
            if job.taskCount > 0 {
                lines.append(Self.figures(job))
                lines.append("Blender's log:               spotrender logs \(job.id)")
                lines.append("Render failed tasks again:   \(JobText.retry(job))")
                lines.append("Download rendered frames:    spotrender download \(job.id) frames/")
            }
            text = lines.joined(separator: "\n")
        case .splitting, .trying, .queued, .rendering, .assembling, .paused, .canceling, .failing,
            .canceled:
            return nil
        }
    }

    private static func figures(_ job: Job) -> String {
        let tally = job.tally
        var parts: [String] = []
        if let settled = job.settled {
            let minutes = Int(((settled - job.created).seconds / 60).rounded(.up))
            parts.append("\(minutes) min from upload to end")
        }
        parts.append(Format.count(tally.interruptions, "interruption"))
        parts.append(Format.count(tally.failures, "failure"))
        if tally.cost > .zero {
            parts.append("about \(Format.dollars(tally.cost)) for instances")
        }
        return parts.joined(separator: ", ") + "."
    }
}
