internal import FoundationEssentials

/// A moment in milliseconds since the Unix epoch, with the formats that AWS uses.
///
/// FoundationEssentials computes the calendar: see decision record 0024.
package struct UTCTime: Hashable, Comparable, Sendable {
    package let millisecondsSinceEpoch: Int64

    package init(millisecondsSinceEpoch: Int64) {
        self.millisecondsSinceEpoch = millisecondsSinceEpoch
    }

    package static func < (earlier: UTCTime, later: UTCTime) -> Bool {
        earlier.millisecondsSinceEpoch < later.millisecondsSinceEpoch
    }

    package func advanced(by duration: Duration) -> UTCTime {
        let (seconds, attoseconds) = duration.components
        return UTCTime(
            millisecondsSinceEpoch: millisecondsSinceEpoch + seconds * 1000
                + attoseconds / 1_000_000_000_000_000)
    }

    /// `20150830T123600Z`: the time that SigV4 signs.
    package var basic: String { Self.compact.format(date) }

    /// `20150830`: the day in a signature's scope.
    package var day: String { Self.compactDay.format(date) }

    /// `2015-08-30T12:36:00Z`: the format of the query protocols.
    package var iso8601: String { Self.extended.format(date) }

    /// Reads `2015-08-30T12:36:00Z`, with or without a fraction of a second. Digits after the third
    /// of the fraction are dropped. AWS writes UTC only, so other zones are refused.
    ///
    /// Foundation also accepts hour 24, 31 February and characters after the time. The second guard
    /// refuses them.
    package init?(iso8601 text: String) {
        guard text.utf8.count <= Self.lengthMax, text.utf8.last == UInt8(ascii: "Z") else {
            return nil
        }
        let date: Date
        do {
            date = try Self.extended.parse(text)
        } catch {
            return nil
        }
        let milliseconds = date.timeIntervalSince1970 * 1000 + Self.rounding
        let time = UTCTime(millisecondsSinceEpoch: Int64(milliseconds.rounded(.down)))
        let parts = text.utf8.dropLast().split(
            separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
        guard time.iso8601.utf8.dropLast().elementsEqual(parts[0]),
            parts.count == 1 || parts[1].allSatisfy(isDigit)
        else { return nil }
        self = time
    }

    /// The longest text that is read.
    private static let lengthMax = 40
    /// In milliseconds. More than the rounding error of `Date`, which holds seconds as a Double.
    private static let rounding = 0.001

    private static let extended = Date.ISO8601FormatStyle()
    private static let compact = Date.ISO8601FormatStyle(
        dateSeparator: .omitted, timeSeparator: .omitted)
    private static let compactDay = Date.ISO8601FormatStyle(dateSeparator: .omitted)
        .year().month().day()

    private var date: Date {
        Date(timeIntervalSince1970: (Double(millisecondsSinceEpoch) + Self.rounding) / 1000)
    }
}
