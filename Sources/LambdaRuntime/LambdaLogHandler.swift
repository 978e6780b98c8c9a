import Glibc
package import Logging

/// Writes log lines by Lambda's advanced logging controls: JSON or text, from a level on.
///
/// Each line is one `write(2)`. So nothing stays in a buffer when Lambda freezes the environment,
/// and lines of two tasks do not mix.
package struct LambdaLogHandler: LogHandler {
    package enum Format: Hashable, Sendable {
        case json
        case text

        /// Reads AWS_LAMBDA_LOG_FORMAT. Lambda's default is text.
        package init(environment: [String: String]) {
            self = environment["AWS_LAMBDA_LOG_FORMAT"]?.lowercased() == "json" ? .json : .text
        }
    }

    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    private let format: Format
    private let now: @Sendable () -> UnixTime
    private let write: @Sendable ([UInt8]) -> Void

    package init(
        format: Format, level: Logger.Level,
        now: @escaping @Sendable () -> UnixTime = UnixTime.now,
        write: @escaping @Sendable ([UInt8]) -> Void = writeToStandardError
    ) {
        self.format = format
        logLevel = level
        self.now = now
        self.write = write
    }

    /// Reads AWS_LAMBDA_LOG_LEVEL. Any unknown value means INFO, Lambda's default.
    package static func level(environment: [String: String]) -> Logger.Level {
        switch environment["AWS_LAMBDA_LOG_LEVEL"]?.uppercased() {
        case "TRACE": .trace
        case "DEBUG": .debug
        case "WARN": .warning
        case "ERROR": .error
        case "FATAL": .critical
        default: .info
        }
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var facts = metadata
        facts.merge(metadataProvider?.get() ?? [:]) { $1 }
        facts.merge(event.metadata ?? [:]) { $1 }
        if let error = event.error { facts["error"] = "\(error)" }
        let line = Line(
            level: event.level.lambdaName, message: LogValue.cut(event.message.description),
            metadata: facts.isEmpty ? nil : facts.mapValues(LogValue.init),
            requestId: CurrentInvocation.requestID, timestamp: now().description)
        switch format {
        case .json: write(jsonBytes(line) + [UInt8(ascii: "\n")])
        case .text: write(Array((line.text + "\n").utf8))
        }
    }

    private struct Line: Encodable {
        let level: String
        let message: String
        let metadata: [String: LogValue]?
        let requestId: String?
        let timestamp: String

        var text: String {
            let facts = (metadata ?? [:]).sorted { $0.key < $1.key }
            let words = facts.map {
                "\($0.key)=\(String(decoding: jsonBytes($0.value), as: UTF8.self))"
            }
            let parts = [timestamp, level, requestId ?? "-", message] + words
            // A log event is one line: CloudWatch splits events at line ends.
            return parts.joined(separator: " ").reduce(into: "") { line, character in
                line += character.isNewline ? "\\n" : String(character)
            }
        }
    }
}

/// A metadata value in JSON.
private enum LogValue: Encodable {
    case text(String)
    case list([LogValue])
    case fields([String: LogValue])

    init(_ value: Logger.MetadataValue) {
        self =
            switch value {
            case .string(let text): .text(LogValue.cut(text))
            case .stringConvertible(let value): .text(LogValue.cut(value.description))
            case .array(let values): .list(values.map(LogValue.init))
            case .dictionary(let values): .fields(values.mapValues(LogValue.init))
            }
    }

    static func cut(_ text: String) -> String {
        text.cut(toScalars: RuntimeLimits.logTextScalarsMax)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .list(let values): try container.encode(values)
        case .fields(let values): try container.encode(values)
        }
    }
}

extension Logger.Level {
    /// Lambda's name of a level. When Lambda filters, it drops lines with unknown levels.
    var lambdaName: String {
        switch self {
        case .trace: "TRACE"
        case .debug: "DEBUG"
        case .info, .notice: "INFO"
        case .warning: "WARN"
        case .error: "ERROR"
        case .critical: "FATAL"
        }
    }
}
