/// Stored items that a version of the program could not read: how many, and the first names.
package struct UnreadableCount: Hashable, Sendable {
    package private(set) var count = 0
    /// Keys in the table, in the order in which they were found. At most `namesMax`.
    package private(set) var names: [String] = []

    package init() {}

    /// - Parameter count: The number of items, if not all of them have a name here.
    package init(_ names: [String], count: Int? = nil) {
        self.names = Array(names.prefix(Self.namesMax))
        self.count = max(count ?? names.count, self.names.count)
    }

    /// A name that is kept counts once. Returns whether the name is kept now and was not before.
    package mutating func add(_ name: String) -> Bool {
        let name = String(name.prefix(Self.nameLengthMax))
        guard !names.contains(name) else { return false }
        count += 1
        guard names.count < Self.namesMax else { return false }
        names.append(name)
        return true
    }

    package mutating func add(_ others: Self) {
        let known = others.names.filter { names.contains($0) }.count
        let all = names + others.names.filter { !names.contains($0) }
        self = Self(all, count: count + others.count - known)
    }

    /// Whether an item of this instance may be among them. Not all names are kept.
    func mayInclude(_ worker: String) -> Bool {
        count > names.count
            || names.contains {
                $0.split(whereSeparator: { "# ".contains($0) }).contains(worker[...])
            }
    }

    package var isEmpty: Bool { count == 0 }

    /// Enough to see what they have in common. The fleet's memory keeps them for twenty ticks.
    package static let namesMax = 10
    /// Twice as long as the longest key that the farm writes.
    package static let nameLengthMax = 200
}
