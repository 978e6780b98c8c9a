/// Where rendered frames are looked at.
package protocol FrameReader: Sendable {
    /// The frames of a job that are there, in no order.
    func frames(of job: JobID, format: ImageFormat) async throws(PortError) -> [FrameName]
    /// The whole file; `nil` when there is none.
    func picture(_ frame: FrameName) async throws(PortError) -> [UInt8]?
    /// A file beside the frames, whole; `nil` when there is none.
    func contents(of file: JobFile) async throws(PortError) -> [UInt8]?
}

extension FrameReader {
    /// A small picture of it, JPEG, once the job's are made; `nil` when there is none.
    package func thumbnail(of frame: FrameName) async throws(PortError) -> [UInt8]? {
        try await contents(of: JobFile.thumbnail(of: frame))
    }

    /// All frames, small, in one JPEG; `nil` while none is assembled.
    package func contactSheet(of job: JobID) async throws(PortError) -> [UInt8]? {
        try await contents(of: JobFile.contactSheet(of: job))
    }
}
