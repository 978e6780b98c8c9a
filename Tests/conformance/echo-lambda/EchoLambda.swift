import FoundationEssentials
import Glibc
import LambdaRuntime
import Logging

/// The smallest Lambda on this runtime. It returns its event, or does what the event asks.
///
///     {"fail": "message"}  throws this message
///     {"large": count}     returns this number of bytes
///
/// With ECHO_INIT_ERROR it fails at its start. With ECHO_TERMINATION it writes that text on
/// SIGTERM.
@main struct EchoLambda {
    static func main() async {
        let environment = ProcessInfo.processInfo.environment
        let farewell = environment["ECHO_TERMINATION"]
        let onTermination: @Sendable () -> Void = {
            writeToStandardError(Array("\(farewell ?? "")\n".utf8))
        }
        let status = await LambdaMain.run(
            environment: environment, onTermination: farewell == nil ? nil : onTermination
        ) { (start: LambdaMain.Start) throws -> Echo in
            if let message = start.environment["ECHO_INIT_ERROR"] {
                throw RequestedFailure(message)
            }
            start.logger.info("started", metadata: ["name": "echo"])
            return Echo()
        }
        exit(status)
    }
}

private struct Echo: InvocationHandler {
    private struct Command: Decodable {
        let fail: String?
        let large: Int?
    }

    func handle(_ invocation: Invocation) async throws -> [UInt8] {
        let event = FoundationEssentials.Data(invocation.event)
        let command = try JSONDecoder().decode(Command.self, from: event)
        if let message = command.fail { throw RequestedFailure(message) }
        if let count = command.large { return [UInt8](repeating: UInt8(ascii: " "), count: count) }
        return invocation.event
    }
}

private struct RequestedFailure: Error, CustomStringConvertible {
    let description: String

    init(_ message: String) { description = message }
}
