package import Farm

/// Rounded, with as many digits after the point as asked for.
package func decimal(_ value: Double, _ digits: Int) -> String {
    let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
    let whole = Int64((value * scale).rounded())
    guard digits > 0 else { return String(whole) }
    let text = String(whole.magnitude)
    let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
    return (whole < 0 ? "-" : "") + padded.dropLast(digits) + "." + padded.suffix(digits)
}

/// `61.5 %`, or a dash where there is nothing to tell.
func percent(_ share: Double?) -> String {
    share.map { decimal($0 * 100, 1) + " %" } ?? dash
}

/// `$0.0123`: four digits, and all that are needed below a cent's hundredth.
package func dollars(_ amount: Money) -> String {
    let digits = amount != .zero && amount.nanodollars.magnitude < 1_000_000 ? 6 : 4
    return (amount < .zero ? "-$" : "$")
        + Money(
            nanodollars: Int64(amount.nanodollars.magnitude)
        ).decimal(digits)
}

/// `4 min 12 s`, `7.25 s`.
func span(_ duration: Duration) -> String {
    let seconds = duration / .seconds(1)
    guard seconds >= 100 else { return decimal(seconds, 2) + " s" }
    let whole = Int64(seconds.rounded())
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3600) h \(whole % 3600 / 60) min"
}

func hours(_ duration: Duration) -> String { decimal(duration / .seconds(3600), 3) }

let dash = "–"

/// `1 instance`, `3 instances`.
package func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
}

extension Timestamp {
    /// `2026-11-21 08:30:00 UTC`. Days by Howard Hinnant's "civil_from_days".
    package var utc: String {
        let seconds = Int(milliseconds / 1000)
        let (days, rest) = (seconds / 86_400, seconds % 86_400)
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let part = (5 * dayOfYear + 2) / 153
        let month = part < 10 ? part + 3 : part - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return "\(year)-\(two(month))-\(two(dayOfYear - (153 * part + 2) / 5 + 1)) "
            + "\(two(rest / 3600)):\(two(rest % 3600 / 60)):\(two(rest % 60)) UTC"
    }

    private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
