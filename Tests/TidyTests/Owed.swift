/// Where a rule is still broken. A place that keeps its rule must leave this list.
enum Owed {
    static let places: [Rule: [String]] = [:]
}
