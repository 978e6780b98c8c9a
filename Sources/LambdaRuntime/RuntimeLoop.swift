package import Logging

/// Serves invocations from the Lambda Runtime API until Lambda ends the execution environment.
///
/// One loop owns one connection and handles one invocation at a time, like Lambda:
///
///     GET  invocation/next           waits without a timeout: the environment may be frozen
///     POST invocation/{id}/response  the handler returned
///     POST invocation/{id}/error     the handler threw; the loop goes on
///
/// A handler's error is reported to Lambda. On errors of the Runtime API, `next` is tried
/// `nextAttemptsMax` times and a response is never sent twice. Then `run()` returns, because a new
/// environment is cheaper than a faulty one. When Lambda refuses a response (413: too large, 400:
/// an invocation that has ended, 403: wrong order), only that invocation ends.
package struct RuntimeLoop<API: RuntimeAPI, Handler: InvocationHandler>: Sendable {
    /// Why the loop ended. `main` turns it into the exit status.
    package enum Exit: Hashable, Sendable {
        case canceled
        case unreachable(RuntimeAPIError)
        /// Lambda answered 500. Its documentation asks to exit promptly.
        case containerError(RuntimeAPIError)
    }

    private let api: API
    private let handler: Handler
    private let logger: Logger
    private let nextAttemptsMax: Int
    private let setTraceID: @Sendable (String?) -> Void

    /// - Parameter setTraceID: receives each invocation's trace, and `nil` after the invocation.
    package init(
        api: API, handler: Handler, logger: Logger, nextAttemptsMax: Int = 3,
        setTraceID: @escaping @Sendable (String?) -> Void
    ) {
        self.api = api
        self.handler = handler
        self.logger = logger
        self.nextAttemptsMax = nextAttemptsMax
        self.setTraceID = setTraceID
    }

    /// Serves invocations until the loop ends, and returns the reason.
    package func run() async -> Exit {
        var failures = 0
        while !Task.isCancelled {
            let invocation: Invocation
            do throws(RuntimeAPIError) {
                invocation = try await api.nextInvocation()
            } catch {
                if Task.isCancelled { break }
                failures += 1
                if let exit = await exit(after: error, failures: failures) { return exit }
                continue
            }
            failures = 0
            if let exit = await serve(invocation) { return exit }
        }
        return .canceled
    }

    private func serve(_ invocation: Invocation) async -> Exit? {
        setTraceID(invocation.traceID)
        defer { setTraceID(nil) }
        return await CurrentInvocation.$requestID.withValue(invocation.id.rawValue) { () -> Exit? in
            let outcome = await self.outcome(of: invocation)
            return await self.deliver(outcome, for: invocation.id)
        }
    }

    private func deliver(
        _ outcome: Result<[UInt8], ErrorReport>, for id: Invocation.ID
    ) async -> Exit? {
        do throws(RuntimeAPIError) {
            switch outcome {
            case .success(let body): try await api.respond(to: id, with: body)
            case .failure(let report): try await api.report(report, for: id)
            }
            return nil
        } catch {
            logger.error(
                "Lambda refused the outcome of an invocation", metadata: ["error": "\(error)"])
            return switch error {
            case .status(500, _): .containerError(error)
            // Lambda refused the outcome. The invocation has ended, and nothing more is sent for
            // it.
            case .status: nil
            // The outcome may have arrived, so it is not sent again.
            case .transport, .missingHeader, .malformedHeader: .unreachable(error)
            }
        }
    }

    private func outcome(of invocation: Invocation) async -> Result<[UInt8], ErrorReport> {
        do {
            let body = try await handler.handle(invocation)
            guard body.count <= RuntimeLimits.responseBytesMax else {
                throw ResponseSizeTooLarge(count: body.count)
            }
            return .success(body)
        } catch {
            let report = ErrorReport(error)
            logger.error(
                "the invocation failed",
                metadata: ["type": "\(report.type)", "error": "\(report.message)"])
            return .failure(report)
        }
    }

    /// How the loop ends after a failed `next`, or `nil` to go on.
    private func exit(after error: RuntimeAPIError, failures: Int) async -> Exit? {
        logger.error("could not get the next invocation", metadata: ["error": "\(error)"])
        switch error {
        case .status(500, _): return .containerError(error)
        case .missingHeader(_, let id?), .malformedHeader(_, _, let id?):
            // The invocation can't be handled, but reporting an error spares its caller the wait.
            let report = ErrorReport(.runtime, "InvalidInvocation", message: error.description)
            if let exit = await deliver(.failure(report), for: id) { return exit }
        case .transport, .status, .missingHeader, .malformedHeader: break
        }
        return failures < nextAttemptsMax ? nil : .unreachable(error)
    }
}

/// The current task's invocation, for log lines.
package enum CurrentInvocation {
    @TaskLocal package static var requestID: String?
}

/// Checked before sending. After a 413 from Lambda, no error could be reported.
struct ResponseSizeTooLarge: Error, CustomStringConvertible {
    let count: Int

    var description: String {
        "the response of \(count) bytes exceeds Lambda's limit of "
            + "\(RuntimeLimits.responseBytesMax). Write it to S3 and return its key."
    }
}

extension ErrorReport: Error {}
