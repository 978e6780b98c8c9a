package import HTTP

/// The four calls of the Lambda Runtime API, version 2018-06-01.
///
/// `CurlRuntimeAPI` speaks HTTP; the loop's tests speak values.
package protocol RuntimeAPI: Sendable {
    /// Waits for the next invocation without a time limit: the environment may be frozen.
    func nextInvocation() async throws(RuntimeAPIError) -> Invocation
    func respond(to id: Invocation.ID, with body: [UInt8]) async throws(RuntimeAPIError)
    func report(_ error: ErrorReport, for id: Invocation.ID) async throws(RuntimeAPIError)
    func reportInitialization(_ error: ErrorReport) async throws(RuntimeAPIError)
}

/// The Runtime API did not do as it says.
package enum RuntimeAPIError: Error, Hashable, Sendable, CustomStringConvertible {
    case transport(HTTPError)
    case status(Int, endpoint: String)
    /// An invocation without what it can't do without; `id` when it can at least be reported.
    case missingHeader(String, id: Invocation.ID?)
    case malformedHeader(String, value: String, id: Invocation.ID?)

    package var description: String {
        switch self {
        case .transport(let error): "the Runtime API can't be reached: \(error)"
        case .status(let status, let endpoint): "the Runtime API answered \(status) to \(endpoint)"
        case .missingHeader(let name, _): "an invocation came without the header \(name)"
        case .malformedHeader(let name, let value, _):
            "an invocation came with \(value.debugDescription) as its header \(name)"
        }
    }
}
