package import Farm

extension Format {
    /// `$12.34`; four digits after the point below a dollar, and six below a tenth of a cent.
    package static func dollars(_ amount: Money) -> String {
        let magnitude = Money(nanodollars: Int64(amount.nanodollars.magnitude))
        let digits =
            switch magnitude.nanodollars {
            case 0, 1_000_000_000...: 2
            case ..<1_000_000: 6
            default: 4
            }
        return (amount < .zero ? "-$" : "$") + magnitude.decimal(digits)
    }
}
