import Farm
package import FoundationEssentials

/// What programs read: the output of a command with `--json`, an event of the dashboard's stream,
/// or the fleet scaler's answer. `docs/schema` has a JSON Schema for each, and `docs/json.md` lists
/// them.
///
/// All documents share one vocabulary. A job is `job`, a task `task` (its number), a worker
/// `worker` (its instance's id). Times are ISO 8601 in UTC, durations end in `Seconds`, amounts in
/// `USD`.
/// `failures` and `interruptions` are counts. A list always has a key of its own.
package protocol Document: Encodable, Sendable {}

extension Document {
    /// The document as JSON, with its `schemaVersion`.
    ///
    /// - Parameter isPretty: Indented for people; else one line.
    package func json(isPretty: Bool = false) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if isPretty { encoder.outputFormatting.insert(.prettyPrinted) }
        return try encoder.encode(Versioned(self))
    }
}

/// A document with its `schemaVersion`. Keys may be added; a key disappears, or changes its
/// meaning, only with a new version.
package struct Versioned<Body: Document>: Encodable {
    private let body: Body

    private enum CodingKeys: CodingKey { case schemaVersion }

    package init(_ body: Body) {
        self.body = body
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(1, forKey: .schemaVersion)
        try body.encode(to: encoder)
    }
}

extension Decimal {
    /// An amount with all its digits, which a binary fraction could not keep.
    init(usd amount: Money) {
        self = Decimal(amount.nanodollars) / 1_000_000_000
    }
}
