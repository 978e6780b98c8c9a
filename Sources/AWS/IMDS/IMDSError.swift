package import HTTP

/// The metadata service gave no usable answer. Callers count these errors: a notice may be missed.
package enum IMDSError: Error, Hashable, Sendable, CustomStringConvertible {
    /// `AWS_EC2_METADATA_DISABLED` is set.
    case disabled
    case unreachable(HTTPError)
    case status(Int, path: String)
    /// The answer to this path does not have the format that AWS documents.
    case unreadable(path: String)

    package var description: String {
        switch self {
        case .disabled: "switched off by AWS_EC2_METADATA_DISABLED"
        case .unreachable(let error): "the metadata service could not be reached (\(error.message))"
        case .status(let status, let path): "the metadata service answered \(status) to \(path)"
        case .unreadable(let path): "the metadata service's answer to \(path) is malformed"
        }
    }
}
