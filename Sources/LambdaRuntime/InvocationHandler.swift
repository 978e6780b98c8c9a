/// Bytes in, bytes out: the loop never learns of event types.
package protocol InvocationHandler: Sendable {
    /// The response to an event. What is thrown is reported to Lambda, which may try again.
    func handle(_ invocation: Invocation) async throws -> [UInt8]
}
