import FoundationEssentials
import Glibc
import LambdaRuntime
import Logging

/// The smallest Lambda on our runtime: gives its event back, or does what a test's event asks.
///
///     {"fail": "words"}    throws these words
///     {"large": count}     answers so many bytes
///
/// With ECHO_INIT_ERROR it can't start; with ECHO_TERMINATION it says farewell on SIGTERM.
@main struct EchoLambda {
    static func main() async {
        let environment = ProcessInfo.processInfo.environment
        let words = environment["ECHO_TERMINATION"]
        let onTermination: @Sendable () -> Void = {
            writeToStandardError(Array("\(words ?? "")\n".utf8))
        }
        let status = await LambdaMain.run(
            environment: environment, onTermination: words == nil ? nil : onTermination
        ) { (start: LambdaMain.Start) throws -> Echo in
            if let words = start.environment["ECHO_INIT_ERROR"] { throw AskedFailure(words) }
            start.logger.info("started", metadata: ["name": "echo"])
            return Echo()
        }
        exit(status)
    }
}

private struct Echo: InvocationHandler {
    private struct GroupTarget: Decodable {
        let fail: String?
        let large: Int?
    }

    func handle(_ invocation: Invocation) async throws -> [UInt8] {
        let event = FoundationEssentials.Data(invocation.event)
        let wish = try JSONDecoder().decode(GroupTarget.self, from: event)
        if let words = wish.fail { throw AskedFailure(words) }
        if let count = wish.large { return [UInt8](repeating: UInt8(ascii: " "), count: count) }
        return invocation.event
    }
}

private struct AskedFailure: Error, CustomStringConvertible {
    let description: String

    init(_ words: String) { description = words }
}
