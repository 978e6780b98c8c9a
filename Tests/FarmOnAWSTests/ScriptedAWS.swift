import AWS
import FarmTesting
import Farm
import HTTP
import Synchronization

@testable import FarmOnAWS

/// Returns the given answers in order, and records the requests.
final class ScriptedAWS: HTTPTransport {
    private struct State {
        var answers: [HTTPResponse]
        var requests: [HTTPRequest] = []
    }

    private let state: Mutex<State>

    init(_ answers: [HTTPResponse]) {
        state = Mutex(State(answers: answers))
    }

    var requests: [HTTPRequest] { state.withLock { $0.requests } }

    /// The requests' bodies, in order.
    var bodies: [String] {
        requests.map { request in
            guard case .bytes(let bytes) = request.body else { return "" }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let answer = state.withLock { state -> HTTPResponse? in
            state.requests.append(request)
            return state.answers.isEmpty ? nil : state.answers.removeFirst()
        }
        guard let answer else {
            throw HTTPError(
                kind: .tls, code: 0, operation: request.url, message: "the script has ended")
        }
        return answer
    }

    func client(retries: Int = 1) throws -> AWSClient {
        var client = try AWSClient(
            environment: ["AWS_REGION": "us-east-1"], transport: self, logger: .silent,
            credentials: StaticCredentials(
                Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "secret")))
        client.retries.attemptsMax = retries
        return client
    }

    /// The table, with the marks 1, 2, 3 and so on, and without pauses.
    func table() throws -> FarmTable {
        let count = Mutex<UInt64>(0)
        return FarmTable(
            DynamoDB(try client()), name: "table", time: LeapingTime(),
            random: {
                count.withLock {
                    $0 += 1
                    return $0
                }
            })
    }
}

extension HTTPResponse {
    static func ok(_ body: String = "{}", headers: [HTTPField] = []) -> HTTPResponse {
        HTTPResponse(status: 200, headers: headers, body: Array(body.utf8))
    }

    /// An error in the format of DynamoDB and SQS.
    static func refusal(_ code: String, _ fields: String = "", status: Int = 400) -> HTTPResponse {
        let type = #""__type":"com.amazonaws.service#\#(code)""#
        let body = "{\(type)\(fields.isEmpty ? "" : ",")\(fields)}"
        return HTTPResponse(status: status, body: Array(body.utf8))
    }
}
