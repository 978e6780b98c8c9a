package import Farm

/// Lets tests write amounts of dollars exactly: `"0.1549"`.
extension Money: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) {
        guard let amount = Money(decimal: text) else {
            preconditionFailure("“\(text)” is no amount of dollars.")
        }
        self = amount
    }
}
