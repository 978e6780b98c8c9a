/// Where rendered frames are looked at.
package protocol FrameReader: Sendable {
    /// The frames of a job that are there, in no order.
    func frames(of job: JobID, format: ImageFormat) async throws(PortError) -> [FrameName]
    /// The whole file; `nil` when there is none.
    func picture(_ frame: FrameName) async throws(PortError) -> [UInt8]?
    /// A small picture of it, JPEG, once the job's are made; `nil` when there is none.
    func thumbnail(of frame: FrameName) async throws(PortError) -> [UInt8]?
}
