package import Farm

/// Why an archive was not read to its end.
package enum ArchiveError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The archive is at fault: the same on any machine, at any time.
    case refused(ProjectRefusal)
    /// Its bytes could not be had, or what was unpacked could not be written.
    case world(PortError)
    /// The calling task was canceled.
    case canceled

    package var description: String {
        switch self {
        case .refused(let refusal): refusal.description
        case .world(let error): error.description
        case .canceled: "The archive was not read to its end: the work was canceled."
        }
    }
}
