import LambdaRuntime
import Synchronization

/// The Runtime API as values: it returns invocations from a script and records the outcomes.
final class ScriptedRuntimeAPI: RuntimeAPI {
    enum Call: Hashable {
        case respond(Invocation.ID, [UInt8])
        case report(Invocation.ID, type: String)
        case initialization(type: String)
    }

    typealias Next = Result<Invocation, RuntimeAPIError>

    private let script: Mutex<ArraySlice<Next>>
    private let refusals: Mutex<ArraySlice<RuntimeAPIError?>>
    private let recorded = Mutex<[Call]>([])
    static let end = RuntimeAPIError.status(500, endpoint: "end of the script")

    /// - Parameter refusals: the result of each POST, in order. All later ones are accepted.
    init(_ script: [Next], refusals: [RuntimeAPIError?] = []) {
        self.script = Mutex(script[...])
        self.refusals = Mutex(refusals[...])
    }

    var calls: [Call] { recorded.withLock { $0 } }

    /// After the script, the answer is 500, which ends the loop.
    func nextInvocation() async throws(RuntimeAPIError) -> Invocation {
        try (script.withLock { $0.popFirst() } ?? .failure(Self.end)).get()
    }

    func respond(to id: Invocation.ID, with body: [UInt8]) async throws(RuntimeAPIError) {
        try record(.respond(id, body))
    }

    func report(_ error: ErrorReport, for id: Invocation.ID) async throws(RuntimeAPIError) {
        try record(.report(id, type: error.type))
    }

    func reportInitialization(_ error: ErrorReport) async throws(RuntimeAPIError) {
        try record(.initialization(type: error.type))
    }

    private func record(_ call: Call) throws(RuntimeAPIError) {
        recorded.withLock { $0.append(call) }
        if let refusal = refusals.withLock({ $0.popFirst() ?? nil }) { throw refusal }
    }
}
