import FoundationEssentials

/// Handles invocations as bytes: the loop knows no event types.
package protocol InvocationHandler: Sendable {
    /// Returns the response to an event. `RuntimeLoop` reports a thrown error to Lambda, and Lambda
    /// may deliver the event again.
    func handle(_ invocation: Invocation) async throws -> [UInt8]
}

/// A handler whose response is one value, encoded as JSON.
package struct JSONHandler<Response: Encodable & Sendable>: InvocationHandler {
    private let respond: @Sendable (Invocation) async throws -> Response

    package init(_ respond: @escaping @Sendable (Invocation) async throws -> Response) {
        self.respond = respond
    }

    package func handle(_ invocation: Invocation) async throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(try await respond(invocation)))
    }
}
