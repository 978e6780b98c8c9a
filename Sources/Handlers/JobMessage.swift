internal import Farm

/// A job's end in words, for a person who may want to act on it.
struct JobMessage: Hashable, Sendable {
    let subject: String
    let text: String

    /// `nil` for a job that a person canceled: they know, and one that is not settled.
    init?(_ job: Job) {
        let file = job.source.key
        switch job.state {
        case .succeeded:
            subject = "Spotrender: \(job.id) is done"
            var lines = ["All \(job.settings?.frames.count ?? 0) frames of \(file) are rendered."]
            lines.append(Self.sum(job))
            lines.append("Fetch them: spotrender download \(job.id) frames/")
            lines += job.notes
            text = lines.joined(separator: "\n")
        case .failed(let reason):
            subject = "Spotrender: \(job.id) failed"
            var lines = ["\(file) could not be rendered. \(reason)"]
            if job.taskCount > 0 {
                lines.append(Self.sum(job))
                lines.append("What Blender said:          spotrender logs \(job.id)")
                let kind = job.tally.canceled > 0 ? "" : " --failed"
                lines.append("Render again what failed:   spotrender retry \(job.id)\(kind)")
                lines.append("Fetch what was rendered:    spotrender download \(job.id) frames/")
            }
            text = lines.joined(separator: "\n")
        case .splitting, .trying, .queued, .rendering, .assembling, .paused, .canceling, .failing,
            .canceled:
            return nil
        }
    }

    private static func sum(_ job: Job) -> String {
        let tally = job.tally
        var parts: [String] = []
        if let settled = job.settled {
            let minutes = Int(((settled - job.created).seconds / 60).rounded(.up))
            parts.append("It took \(minutes) min from the upload")
        }
        parts.append("\(tally.interruptions) interruptions, \(tally.failures) failures")
        if tally.microdollars > 0 {
            let cents = (tally.microdollars + 5_000) / 10_000
            let digits = cents % 100
            parts.append("about $\(cents / 100).\(digits < 10 ? "0" : "")\(digits) of instances")
        }
        return parts.joined(separator: ", ") + "."
    }
}
