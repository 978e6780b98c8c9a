/// An amount of US dollars, or a price in them, exact to the billionth.
///
/// It counts billionths: every price of AWS fits (an S3 request costs 400 of them), sums stay
/// exact, and 64 bits hold nine billion dollars. Each line of a bill divides once and rounds half
/// away from zero, so the lines add up to their total, digit for digit.
package struct Money: Hashable, Comparable, Sendable {
    package let nanodollars: Int64

    package static let zero = Money(nanodollars: 0)
    package static let dollar = Money(nanodollars: 1_000_000_000)

    package init(nanodollars: Int64) {
        self.nanodollars = nanodollars
    }

    /// Reads a plain decimal such as `0.1619`; `nil` for any other text and for more than nine
    /// decimals.
    package init?(decimal text: some StringProtocol) {
        let parts = String(text)
            .split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
            .map(String.init)
        let fraction = parts.count == 2 ? parts[1] : "0"
        let isPlain = (parts + [fraction]).allSatisfy { part in
            !part.isEmpty && part.utf8.allSatisfy { (48...57).contains($0) }
        }
        guard isPlain, fraction.utf8.count <= 9,
            let digits = Int64(
                parts[0] + fraction + String(repeating: "0", count: 9 - fraction.utf8.count))
        else { return nil }
        self.init(nanodollars: digits)
    }

    package static func < (left: Money, right: Money) -> Bool {
        left.nanodollars < right.nanodollars
    }

    package static func + (left: Money, right: Money) -> Money {
        Money(nanodollars: left.nanodollars + right.nanodollars)
    }

    package static func - (left: Money, right: Money) -> Money {
        Money(nanodollars: left.nanodollars - right.nanodollars)
    }

    package static func += (left: inout Money, right: Money) {
        left = left + right
    }

    package static func * (amount: Money, count: Int) -> Money {
        Money(nanodollars: amount.nanodollars * Int64(count))
    }

    /// How many times `other` fits into this amount. Use it for ratios, metrics and plots.
    package static func / (amount: Money, other: Money) -> Double {
        Double(amount.nanodollars) / Double(other.nanodollars)
    }

    /// The amount due for a time at this price per hour.
    package func perHour(for duration: Duration) -> Money {
        times(duration.milliseconds, over: 3_600_000)
    }

    /// `self × part ÷ whole`, rounded once. The product may exceed 64 bits.
    package func times(_ part: Int64, over whole: Int64) -> Money {
        Money(rounding: Int128(nanodollars) * Int128(part), over: Int128(whole))
    }

    /// Rounds half away from zero.
    package init(rounding nanodollars: Int128, over divisor: Int128) {
        precondition(divisor > 0, "The divisor is positive.")
        let (whole, rest) = nanodollars.quotientAndRemainder(dividingBy: divisor)
        let up: Int128 = rest.magnitude * 2 >= divisor.magnitude ? nanodollars.signum() : 0
        self.init(nanodollars: Int64(whole + up))
    }

    /// As in `1.2346`, rounded half away from zero.
    ///
    /// - Parameter digits: Digits after the point, 0 to 9.
    package func decimal(_ digits: Int) -> String {
        precondition((0...9).contains(digits), "Money has up to nine digits after the point.")
        let step = (digits..<9).reduce(Int128(1)) { step, _ in step * 10 }
        let rounded = Money(rounding: Int128(nanodollars), over: step).nanodollars
        let text = String(rounded.magnitude)
        let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
        let sign = rounded < 0 ? "-" : ""
        guard digits > 0 else { return sign + padded }
        return "\(sign)\(padded.dropLast(digits)).\(padded.suffix(digits))"
    }

    /// The exact amount without trailing zeros, as in `0.308`.
    package var decimal: String {
        let text = decimal(9)
        let kept = text.dropLast(text.reversed().prefix { $0 == "0" }.count)
        return String(kept.last == "." ? kept.dropLast() : kept)
    }
}

extension Sequence<Money> {
    package var sum: Money { reduce(.zero, +) }
}
