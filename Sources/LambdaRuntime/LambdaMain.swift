import HTTP
package import Logging

/// The `main` of a Lambda: it makes the handler, runs the loop and returns the exit status.
///
///     @main struct JobSplitter {
///         static func main() async {
///             let environment = ProcessInfo.processInfo.environment
///             exit(await LambdaMain.run(environment: environment) { start in
///                 SplitJobHandler(settings: try Settings(start.environment), log: start.logger)
///             })
///         }
///     }
package enum LambdaMain {
    /// The values from which a handler is made.
    package struct Start: Sendable {
        package let environment: [String: String]
        /// Follows Lambda's log settings, and adds the invocation's request ID to each line.
        package let logger: Logger

        /// Returns a function that writes metrics of one namespace and dimension to the log.
        package func metricWriter(
            namespace: String, dimension: (name: String, value: String)
        ) -> @Sendable ([MetricLine.Metric]) -> Void {
            { [environment] metrics in
                MetricLine(
                    namespace: namespace, dimension: dimension, metrics: metrics,
                    environment: environment
                ).write()
            }
        }
    }

    /// Serves invocations until Lambda ends the environment. Returns the process's exit status.
    ///
    /// - Parameters:
    ///   - onTermination: called on SIGTERM, half a second before the end. With `nil`, the default,
    ///     no extension is registered, and Lambda sends no SIGTERM.
    ///   - makeHandler: an error that it throws is reported as `init/error`, and the process ends.
    package static func run<Handler: InvocationHandler>(
        environment: [String: String],
        onTermination: (@Sendable () -> Void)? = nil,
        makeHandler: (Start) async throws -> Handler
    ) async -> Int32 {
        let format = LambdaLogHandler.Format(environment: environment)
        let level = LambdaLogHandler.level(environment: environment)
        let name = environment["AWS_LAMBDA_FUNCTION_NAME"] ?? "lambda"
        let logger = Logger(label: name) { _ in LambdaLogHandler(format: format, level: level) }
        guard let host = environment["AWS_LAMBDA_RUNTIME_API"], !host.isEmpty else {
            logger.critical(
                "AWS_LAMBDA_RUNTIME_API is not set. Run this program in Lambda, or with make invoke."
            )
            return 64
        }
        // Days may pass between two invocations, and Lambda keeps the connection open.
        let transport = OneShotTransport(idleMax: .seconds(86_400 * 14))
        let api = CurlRuntimeAPI(host: host, transport: transport)
        let handler: Handler
        do {
            if let onTermination {
                try TerminationNotice(host: host, onTermination: onTermination).register()
            }
            handler = try await makeHandler(Start(environment: environment, logger: logger))
        } catch {
            await report(error, to: api, logger)
            return 1
        }
        let loop = RuntimeLoop(
            api: api, handler: handler, logger: logger, setTraceID: TraceVariable.set)
        switch await loop.run() {
        case .canceled: return 0
        case .unreachable(let error), .containerError(let error):
            logger.critical("the loop ended", metadata: ["error": "\(error)"])
            return 1
        }
    }

    private static func report(_ error: any Error, to api: CurlRuntimeAPI, _ logger: Logger) async {
        let report = ErrorReport(error)
        logger.critical(
            "the function could not start",
            metadata: ["type": "\(report.type)", "error": "\(report.message)"])
        do throws(RuntimeAPIError) {
            try await api.reportInitialization(report)
        } catch {
            logger.error(
                "could not report why the function did not start", metadata: ["error": "\(error)"])
        }
    }
}
