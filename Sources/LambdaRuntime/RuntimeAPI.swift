package import HTTP

/// The four calls of the Lambda Runtime API, version 2018-06-01.
///
/// `CurlRuntimeAPI` uses HTTP. The loop's tests use values.
package protocol RuntimeAPI: Sendable {
    /// Waits for the next invocation without a time limit, because Lambda may freeze the
    /// environment.
    func nextInvocation() async throws(RuntimeAPIError) -> Invocation
    func respond(to id: Invocation.ID, with body: [UInt8]) async throws(RuntimeAPIError)
    func report(_ error: ErrorReport, for id: Invocation.ID) async throws(RuntimeAPIError)
    func reportInitialization(_ error: ErrorReport) async throws(RuntimeAPIError)
}

/// The Runtime API failed, or its answer was malformed.
package enum RuntimeAPIError: Error, Hashable, Sendable, CustomStringConvertible {
    case transport(HTTPError)
    case status(Int, endpoint: String)
    /// An invocation lacks a required header. With an `id`, the error can be reported to Lambda.
    case missingHeader(String, id: Invocation.ID?)
    case malformedHeader(String, value: String, id: Invocation.ID?)

    package var description: String {
        switch self {
        case .transport(let error): "the Runtime API could not be reached: \(error)"
        case .status(let status, let endpoint): "the Runtime API answered \(status) to \(endpoint)"
        case .missingHeader(let name, _): "an invocation lacks the header \(name)"
        case .malformedHeader(let name, let value, _):
            "an invocation has \(value.debugDescription) as its header \(name)"
        }
    }
}
