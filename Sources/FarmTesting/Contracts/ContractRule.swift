import Farm

/// One sentence of a port's contract with its check. Every adapter must pass the same checks.
///
///     @Test(arguments: FarmStage.jobRules)
///     func `keeps its contract`(_ rule: ContractRule<FarmStage>) async throws {
///         try await rule.check(stage)
///     }
///
/// A check throws `ContractViolation`, or what the port threw.
package struct ContractRule<Stage: Sendable>: Sendable, CustomStringConvertible {
    package let sentence: String
    package let check: @Sendable (Stage) async throws -> Void

    init(_ sentence: String, _ check: @escaping @Sendable (Stage) async throws -> Void) {
        self.sentence = sentence
        self.check = check
    }

    package var description: String { sentence }
}

/// How an adapter broke its contract.
package struct ContractViolation: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

func require(
    _ condition: Bool, _ sentence: @autoclosure () -> String
) throws(ContractViolation) {
    guard condition else { throw ContractViolation(sentence()) }
}

func require<Value>(
    _ value: Value?, _ sentence: @autoclosure () -> String
) throws(ContractViolation) -> Value {
    guard let value else { throw ContractViolation(sentence()) }
    return value
}

/// Requires equal values, or throws a violation that shows both.
func require<Value: Equatable>(
    _ found: Value, equals expected: Value, _ what: String
) throws(ContractViolation) {
    guard found == expected else {
        throw ContractViolation("\(what): expected \(expected), found \(found)")
    }
}

/// Asks again until the answer is right, since lists and counts may lag a moment behind writes.
@discardableResult
func eventually<Value>(
    _ what: String, by time: any TimeSource, _ ask: () async throws -> Value,
    until fits: (Value) -> Bool
) async throws -> Value {
    var last: Value?
    for _ in 0..<50 {
        let value = try await ask()
        if fits(value) { return value }
        last = value
        try await time.sleep(for: .milliseconds(100))
    }
    throw ContractViolation("\(what): still \(String(describing: last)) after five seconds")
}
