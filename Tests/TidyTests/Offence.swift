/// Where a rule is broken.
struct Offence: Hashable, Sendable {
    /// A path, and a name in it if the rule looks at parts of a file.
    let place: String
    let detail: String

    init(_ place: String, _ detail: String) {
        self.place = place
        self.detail = detail
    }
}
