import HTTP
import Synchronization

/// Returns the given answers in order, and records the requests.
final class ScriptedTransport: HTTPTransport {
    private struct State {
        var answers: [Result<HTTPResponse, HTTPError>]
        var requests: [HTTPRequest] = []
    }

    private let state: Mutex<State>

    init(_ answers: [Result<HTTPResponse, HTTPError>]) {
        state = Mutex(State(answers: answers))
    }

    convenience init(_ answers: HTTPResponse...) {
        self.init(answers.map { .success($0) })
    }

    var requests: [HTTPRequest] { state.withLock { $0.requests } }

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let answer = state.withLock { state -> Result<HTTPResponse, HTTPError> in
            state.requests.append(request)
            guard !state.answers.isEmpty else {
                return .failure(.fault(.other, "The script holds no answer to \(request.url)"))
            }
            return state.answers.removeFirst()
        }
        return try answer.get()
    }
}

extension HTTPError {
    static func fault(_ kind: HTTPError.Kind, _ message: String = "planned") -> HTTPError {
        HTTPError(kind: kind, code: 7, operation: "GET http://test/", message: message)
    }
}

extension HTTPResponse {
    static func json(
        _ body: String, status: Int = 200, headers: [HTTPField] = []
    ) -> HTTPResponse {
        HTTPResponse(status: status, headers: headers, body: Array(body.utf8))
    }

    static func xml(
        _ body: String, status: Int = 200, headers: [HTTPField] = []
    ) -> HTTPResponse {
        HTTPResponse(status: status, headers: headers, body: Array(body.utf8))
    }
}

extension HTTPRequest {
    var text: String {
        if case .bytes(let bytes) = body { String(decoding: bytes, as: UTF8.self) } else { "" }
    }

    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}
