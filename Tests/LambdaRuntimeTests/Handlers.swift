import LambdaRuntime
import Logging

/// A handler made of a closure.
struct TestHandler: InvocationHandler {
    let body: @Sendable (Invocation) async throws -> [UInt8]

    init(_ body: @escaping @Sendable (Invocation) async throws -> [UInt8]) { self.body = body }

    /// Returns the event.
    static let echo = TestHandler { $0.event }

    func handle(_ invocation: Invocation) async throws -> [UInt8] { try await body(invocation) }
}

struct Refusal: Error, CustomStringConvertible {
    let description: String
}

extension Logger {
    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}

extension Invocation {
    static func sample(_ id: String, event: [UInt8] = [], traceID: String? = nil) -> Invocation {
        Invocation(id: ID(id), event: event, deadline: 0, traceID: traceID)
    }
}
