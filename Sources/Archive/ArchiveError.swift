package import Farm

/// The reason why an archive was not read to its end.
package enum ArchiveError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The archive is at fault. Another attempt gives the same error.
    case refused(ProjectRefusal)
    /// The archive's bytes could not be read, or the unpacked files could not be written.
    case world(PortError)
    /// The calling task was canceled.
    case canceled

    package var description: String {
        switch self {
        case .refused(let refusal): refusal.description
        case .world(let error): error.description
        case .canceled: "The archive was not read to its end, because the work was canceled."
        }
    }
}
