import LambdaRuntime
import Logging
import Synchronization
import Testing

@Suite struct `A log line` {
    private final class Output: Sendable {
        private let written = Mutex<[String]>([])

        var lines: [String] { written.withLock { $0 } }

        func logger(_ format: LambdaLogHandler.Format, _ level: Logger.Level = .info) -> Logger {
            Logger(label: "test") { _ in
                LambdaLogHandler(
                    format: format, level: level,
                    now: { UnixTime(milliseconds: 1_709_208_000_007) },
                    write: { bytes in
                        self.written.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
                    })
            }
        }
    }

    @Test func `is one line of JSON that Lambda can filter`() {
        let output = Output()
        var logger = output.logger(.json)
        logger[metadataKey: "job"] = "j"
        CurrentInvocation.$requestID.withValue("a-1") {
            logger.warning(
                "two\nlines", metadata: ["task": "7", "frames": ["1", "2"], "at": ["x": "ü"]])
        }
        logger.notice("plain", metadata: ["job": "k"])
        #expect(
            output.lines == [
                #"{"level":"WARN","message":"two\nlines","metadata":{"at":{"x":"ü"},"#
                    + #""frames":["1","2"],"job":"j","task":"7"},"requestId":"a-1","#
                    + #""timestamp":"2024-02-29T12:00:00.007Z"}"# + "\n",
                #"{"level":"INFO","message":"plain","metadata":{"job":"k"},"#
                    + #""timestamp":"2024-02-29T12:00:00.007Z"}"# + "\n",
            ])
    }

    @Test func `is one line of text`() {
        let output = Output()
        output.logger(.text).error("a\r\nb\nc", metadata: ["task": "7 8"])
        #expect(
            output.lines == ["2024-02-29T12:00:00.007Z ERROR - a\\nb\\nc task=\"7 8\"\n"])
    }

    @Test func `is not written below the log level`() {
        let output = Output()
        output.logger(.text, .warning).info("quiet")
        #expect(output.lines.isEmpty)
    }

    @Test func `is cut below CloudWatch's bound`() {
        let output = Output()
        output.logger(.json).info("\(String(repeating: "🎬", count: 200_000))")
        #expect(output.lines.allSatisfy { $0.utf8.count < 256 << 10 })
        #expect(output.lines.count == 1)
    }

    @Test(arguments: [
        (nil, Logger.Level.info), ("TRACE", .trace), ("debug", .debug), ("INFO", .info),
        ("WARN", .warning), ("ERROR", .error), ("FATAL", .critical), ("nonsense", .info),
    ])
    func `starts at the level of AWS_LAMBDA_LOG_LEVEL`(_ value: String?, _ level: Logger.Level) {
        let environment = value.map { ["AWS_LAMBDA_LOG_LEVEL": $0] } ?? [:]
        #expect(LambdaLogHandler.level(environment: environment) == level)
    }

    @Test(arguments: [
        (nil, LambdaLogHandler.Format.text), ("JSON", .json), ("json", .json), ("Text", .text),
    ])
    func `has the format of AWS_LAMBDA_LOG_FORMAT`(
        _ value: String?, _ format: LambdaLogHandler.Format
    ) {
        let environment = value.map { ["AWS_LAMBDA_LOG_FORMAT": $0] } ?? [:]
        #expect(LambdaLogHandler.Format(environment: environment) == format)
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (1_767_225_599_999, "2025-12-31T23:59:59.999Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
    ])
    func `has its time in UTC`(_ milliseconds: Int64, _ text: String) {
        #expect(UnixTime(milliseconds: milliseconds).description == text)
    }
}
