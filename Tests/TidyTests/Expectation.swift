import Testing

/// Fails for every offence that is not owed, and for every debt that is paid: the list only
/// shrinks.
func expectOnlyOwed(_ rule: Rule, _ offences: [Offence]) {
    let owed = Set(Owed.places[rule] ?? [])
    for offence in offences where !owed.contains(offence.place) {
        Issue.record("\(offence.place): \(offence.detail)")
    }
    let paid = owed.subtracting(offences.map(\.place))
    for place in paid.sorted() {
        Issue.record("“\(place)” keeps the rule: remove it from .\(rule) in Owed.swift")
    }
}
