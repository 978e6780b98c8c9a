package import Logging

/// Serves invocations from the Lambda Runtime API until the execution environment goes away.
///
/// One loop owns one connection and handles one invocation at a time, as Lambda does:
///
///     GET  invocation/next           waits without a timeout: the environment may be frozen
///     POST invocation/{id}/response  the handler returned
///     POST invocation/{id}/error     the handler threw; the loop goes on
///
/// A handler's error is Lambda's business and is reported. A Runtime API error is ours: `next` is
/// tried `nextAttemptsMax` times, a response is never sent twice, then `run()` returns, because a
/// fresh environment is cheaper than a sick one. What Lambda merely refuses (413: too large, 400:
/// an id that is over, 403: out of order) ends that invocation only.
package struct RuntimeLoop<API: RuntimeAPI, Handler: InvocationHandler>: Sendable {
    /// Why the loop ended; `main` turns it into the exit status.
    package enum Exit: Hashable, Sendable {
        case canceled
        case unreachable(RuntimeAPIError)
        /// Lambda answered 500: its documentation says to exit promptly.
        case containerError(RuntimeAPIError)
    }

    private let api: API
    private let handler: Handler
    private let logger: Logger
    private let nextAttemptsMax: Int
    private let setTraceID: @Sendable (String?) -> Void

    /// - Parameter setTraceID: told each invocation's trace and, after it, `nil`.
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
                "the outcome of an invocation was not accepted", metadata: ["error": "\(error)"])
            return switch error {
            case .status(500, _): .containerError(error)
            // Refused: this invocation is over, and a second answer would be one too many.
            case .status: nil
            // Whether the outcome arrived is unknown, and it is never sent twice.
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

    /// What a failed `next` means for the loop; `nil` to go on.
    private func exit(after error: RuntimeAPIError, failures: Int) async -> Exit? {
        logger.error("the next invocation can't be had", metadata: ["error": "\(error)"])
        switch error {
        case .status(500, _): return .containerError(error)
        case .missingHeader(_, let id?), .malformedHeader(_, _, let id?):
            // It can be answered, if not served: its caller need not wait in vain.
            let report = ErrorReport(.runtime, "InvalidInvocation", message: error.description)
            if let exit = await deliver(.failure(report), for: id) { return exit }
        case .transport, .status, .missingHeader, .malformedHeader: break
        }
        return failures < nextAttemptsMax ? nil : .unreachable(error)
    }
}

/// Which invocation the current task works for: log lines name it.
package enum CurrentInvocation {
    @TaskLocal package static var requestID: String?
}

/// Found before sending: after Lambda's own 413 nothing could be reported any more.
struct ResponseSizeTooLarge: Error, CustomStringConvertible {
    let count: Int

    var description: String {
        "the response of \(count) bytes exceeds Lambda's limit of "
            + "\(RuntimeLimits.responseBytesMax): write it to S3 and return its key"
    }
}

extension ErrorReport: Error {}
