package import Farm
internal import FoundationEssentials

extension Format {
    /// For programs and at the start of lines: `2026-11-21T09:35:00Z`.
    package static func time(_ time: Timestamp) -> String {
        date(time).formatted(.iso8601)
    }

    /// In sentences for people: `2026-11-21 09:35:00 UTC`.
    package static func timeInWords(_ time: Timestamp) -> String {
        let style = Date.ISO8601FormatStyle(dateTimeSeparator: .space)
            .year().month().day().time(includingFractionalSeconds: false)
        return date(time).formatted(style) + " UTC"
    }

    /// Whole seconds; the rest is cut off.
    private static func date(_ time: Timestamp) -> Date {
        Date(timeIntervalSince1970: Double(time.milliseconds / 1000))
    }
}
