/// Makes events of what Blender prints during a session.
protocol OutputReader: Sendable {
    /// Reads until Blender has served the session, or has ended. Returns what Blender printed.
    func read(
        _ lines: inout OutputLines, for session: BlenderSession
    ) async throws -> BlenderTranscript
}
