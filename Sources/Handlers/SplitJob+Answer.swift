internal import Farm

extension SplitJob {
    /// The function's response. S3 ignores it; a person who invokes the function reads it.
    package struct Answer: Encodable, Hashable, Sendable {
        package private(set) var jobs: [String] = []
        package private(set) var refused: [String] = []
        package private(set) var ignored = 0

        package init(_ outcomes: [Outcome]) {
            for outcome in outcomes {
                switch outcome {
                case .split(let job, _), .known(let job): jobs.append(job.rawValue)
                case .refused(let job, _): refused.append(job.rawValue)
                case .ignored: ignored += 1
                }
            }
        }
    }
}
