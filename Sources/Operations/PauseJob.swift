package import Farm

extension SteerJob {
    /// Lets no task of the job begin: workers drop its messages, the scaler counts it as no work.
    /// What is being rendered is rendered to its end.
    package func pause(_ id: JobID) async throws(PortError) -> Outcome {
        try await move(.pause, id)
    }

    /// Sends the messages of all its tasks that wait: workers dropped those that came meanwhile.
    /// One too many is dropped as every doubled message is.
    package func resume(_ id: JobID) async throws(PortError) -> Outcome {
        let outcome = try await move(.resume, id)
        guard case .done(let job, _) = outcome else { return outcome }
        return .done(job, taskCount: try await sendMessages(of: job))
    }

    /// Of tasks that wait and may be begun; how many.
    func sendMessages(of job: Job) async throws(PortError) -> Int {
        var count = 0
        _ = try await forEachPage(of: job.id) { (page) async throws(PortError) in
            let waiting = page.filter { $0.state == .queued && job.allows($0) }
            try await queue.send(waiting.map(\.message), after: .zero)
            count += waiting.count
        }
        return count
    }
}
