/// A moment, in milliseconds since the Unix epoch, and the ways AWS writes it down.
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

    /// `20150830T123600Z`: what SigV4 signs.
    package var basic: String {
        let (date, time) = fields
        return date.joined() + "T" + time.joined() + "Z"
    }

    /// `20150830`: the day of a signature's scope.
    package var day: String { fields.date.joined() }

    /// `2015-08-30T12:36:00Z`: what the query protocols take.
    package var iso8601: String {
        let (date, time) = fields
        return date.joined(separator: "-") + "T" + time.joined(separator: ":") + "Z"
    }

    /// Reads `2015-08-30T12:36:00Z`, with or without a fraction of a second. AWS writes UTC only.
    package init?(iso8601 text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.count <= 40, bytes.last == UInt8(ascii: "Z"),
            bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            bytes[10] == UInt8(ascii: "T"), bytes[13] == UInt8(ascii: ":"),
            bytes[16] == UInt8(ascii: ":"),
            let year = Self.number(bytes[0..<4]), let month = Self.number(bytes[5..<7]),
            let day = Self.number(bytes[8..<10]), let hour = Self.number(bytes[11..<13]),
            let minute = Self.number(bytes[14..<16]), let second = Self.number(bytes[17..<19]),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61
        else { return nil }
        var milliseconds: Int64 = 0
        let fraction = bytes[19..<(bytes.count - 1)]
        if !fraction.isEmpty {
            guard fraction.first == UInt8(ascii: "."), fraction.count > 1,
                fraction.dropFirst().allSatisfy({ (0x30...0x39).contains($0) })
            else { return nil }
            let digits = Array((Array(fraction.dropFirst()) + [0x30, 0x30]).prefix(3))
            milliseconds = Self.number(digits[0..<3]) ?? 0
        }
        let days = Self.daysSinceEpoch(year: year, month: month, day: day)
        let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second
        self.init(millisecondsSinceEpoch: seconds * 1000 + milliseconds)
    }

    /// Year, month, day and hour, minute, second, padded with zeros.
    private var fields: (date: [String], time: [String]) {
        let seconds = Int64((Double(millisecondsSinceEpoch) / 1000).rounded(.down))
        let days = Int64((Double(seconds) / 86_400).rounded(.down))
        let rest = seconds - days * 86_400
        let (year, month, day) = Self.civil(daysSinceEpoch: days)
        return (
            [Self.padded(year, 4), Self.padded(month, 2), Self.padded(day, 2)],
            [
                Self.padded(rest / 3600, 2), Self.padded(rest / 60 % 60, 2),
                Self.padded(rest % 60, 2),
            ]
        )
    }

    /// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": `days_from_civil`.
    private static func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The inverse: `civil_from_days`.
    private static func civil(daysSinceEpoch: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let days = daysSinceEpoch + 719_468
        let era = (days >= 0 ? days : days - 146_096) / 146_097
        let dayOfEra = days - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let day = dayOfYear - (153 * shifted + 2) / 5 + 1
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        var value: Int64 = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            value = value * 10 + Int64(digit - 0x30)
        }
        return value
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
