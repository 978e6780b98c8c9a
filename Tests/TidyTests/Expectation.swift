import Testing

/// Fails for every place that breaks a rule.
func expectNone(_ offences: [Offence]) {
    for offence in offences {
        Issue.record("\(offence.place): \(offence.detail)")
    }
}
