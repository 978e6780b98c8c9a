/// Metrics in a log line. CloudWatch Logs reads them from the log, so no call is needed.
///
/// Source: "Specification: Embedded metric format", Amazon CloudWatch User Guide. Lambda passes
/// JSON lines on unchanged. It drops lines below the function's log level, and reads a line without
/// a level as INFO ("Log-level filtering", AWS Lambda Developer Guide). So each line has the lowest
/// level that the function logs.
package struct MetricLine: Sendable {
    package typealias Metric = (name: String, unit: String, value: Double)

    private let namespace: String
    private let dimension: (name: String, value: String)
    private let metrics: [Metric]
    private let level: String

    /// - Parameters:
    ///   - metrics: 1 to 100, the specification's bound. Their values are finite, as JSON demands.
    ///   - environment: the function's environment, which has its log level.
    package init(
        namespace: String, dimension: (name: String, value: String), metrics: [Metric],
        environment: [String: String]
    ) {
        precondition((1...100).contains(metrics.count), "A line has 1 to 100 metrics.")
        precondition(metrics.allSatisfy { $0.value.isFinite }, "A metric's value is finite.")
        self.namespace = namespace
        self.dimension = dimension
        self.metrics = metrics
        level = LambdaLogHandler.level(environment: environment).lambdaName
    }

    /// Writes the line to standard error, with the current time.
    package func write() {
        writeToStandardError(bytes(at: .now()))
    }

    func bytes(at now: UnixTime) -> [UInt8] {
        let line = Line(
            aws: Directive(
                timestamp: now.milliseconds,
                metrics: [
                    Directive.Set(
                        namespace: namespace, dimensions: [[dimension.name]],
                        metrics: metrics.map { .init(name: $0.name, unit: $0.unit) })
                ]),
            level: level, timestamp: now.description, dimension: dimension,
            metrics: metrics)
        return jsonBytes(line) + [UInt8(ascii: "\n")]
    }

    private struct Line: Encodable {
        let aws: Directive
        let level: String
        let timestamp: String
        let dimension: (name: String, value: String)
        let metrics: [Metric]

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(aws, forKey: Key("_aws"))
            try container.encode(level, forKey: Key("level"))
            try container.encode(timestamp, forKey: Key("timestamp"))
            try container.encode(dimension.value, forKey: Key(dimension.name))
            for metric in metrics { try container.encode(metric.value, forKey: Key(metric.name)) }
        }
    }

    private struct Directive: Encodable {
        struct Set: Encodable {
            struct Name: Encodable {
                let name: String
                let unit: String

                enum CodingKeys: String, CodingKey {
                    case name = "Name"
                    case unit = "Unit"
                }
            }

            let namespace: String
            let dimensions: [[String]]
            let metrics: [Name]

            enum CodingKeys: String, CodingKey {
                case namespace = "Namespace"
                case dimensions = "Dimensions"
                case metrics = "Metrics"
            }
        }

        let timestamp: Int64
        let metrics: [Set]

        enum CodingKeys: String, CodingKey {
            case timestamp = "Timestamp"
            case metrics = "CloudWatchMetrics"
        }
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }
}
