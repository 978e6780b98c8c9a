import Testing

@testable import LambdaRuntime

@Suite struct `A line of metrics` {
    @Test func `has CloudWatch's embedded metric format`() {
        let line = MetricLine(
            namespace: "Spotrender", dimension: ("Stack", "farm \"a\""),
            metrics: [("BacklogSeconds", "Seconds", 180), ("DollarsPerHour", "None", 0.3625)],
            environment: [:])
        #expect(
            String(
                decoding: line.bytes(at: UnixTime(milliseconds: 1_709_208_000_007)), as: UTF8.self)
                == #"{"BacklogSeconds":180,"DollarsPerHour":0.3625,"Stack":"farm \"a\"","_aws":"#
                + #"{"CloudWatchMetrics":[{"Dimensions":[["Stack"]],"Metrics":["#
                + #"{"Name":"BacklogSeconds","Unit":"Seconds"},"#
                + #"{"Name":"DollarsPerHour","Unit":"None"}],"Namespace":"Spotrender"}],"#
                + #""Timestamp":1709208000007},"level":"INFO","#
                + #""timestamp":"2024-02-29T12:00:00.007Z"}"# + "\n")
    }

    /// Lambda drops a line below the function's level.
    @Test(arguments: ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"])
    func `passes Lambda's filter at every log level`(_ name: String) {
        let line = MetricLine(
            namespace: "Spotrender", dimension: ("Stack", "farm"), metrics: [("Open", "Count", 1)],
            environment: ["AWS_LAMBDA_LOG_LEVEL": name])
        let text = String(decoding: line.bytes(at: UnixTime(milliseconds: 0)), as: UTF8.self)
        #expect(text.contains(#""level":"\#(name)""#))
    }
}
