package import HTTP

/// The metadata service gave no answer. A notice could be missed meanwhile, so count it.
package enum IMDSError: Error, Hashable, Sendable, CustomStringConvertible {
    /// `AWS_EC2_METADATA_DISABLED` is set.
    case disabled
    case unreachable(HTTPError)
    case status(Int, path: String)
    /// The answer to this path is not what AWS documents.
    case unreadable(path: String)

    package var description: String {
        switch self {
        case .disabled: "switched off by AWS_EC2_METADATA_DISABLED"
        case .unreachable(let error): "the metadata service can't be reached (\(error.message))"
        case .status(let status, let path): "the metadata service answered \(status) to \(path)"
        case .unreadable(let path): "the metadata service's answer to \(path) can't be read"
        }
    }
}
