package import Farm

extension JobOperations {
    /// Lets no task of the job begin: workers drop its messages, and the scaler counts no work.
    /// Running frames finish.
    package func pause(_ id: JobID) async throws(PortError) -> Outcome {
        try await move(.pause, id)
    }

    /// Sends the messages of all its waiting tasks, since workers dropped earlier ones. A worker
    /// drops a message too many as it drops every doubled message.
    package func resume(_ id: JobID) async throws(PortError) -> Outcome {
        try await move(.resume, id)
    }
}
