internal import AWS
internal import Farm

/// Reads an item's attributes. The error for a malformed attribute names it.
struct ItemReader {
    private let item: DynamoDB.Item
    /// The keys, for example `job#scene-1a2b3c4d task#000012`.
    private let name: String
    private let path: String

    init(_ item: DynamoDB.Item) {
        self.init(item, name: Self.name(of: item), path: "")
    }

    /// The item's keys.
    static func name(of item: DynamoDB.Item) -> String {
        [Attribute.partition, Attribute.sort].map { item[$0]?.string ?? "?" }
            .joined(separator: " ")
    }

    private init(_ item: DynamoDB.Item, name: String, path: String) {
        self.item = item
        self.name = name
        self.path = path
    }

    func string(_ attribute: String) throws(PortError) -> String {
        try required(optionalString(attribute), attribute)
    }

    func optionalString(_ attribute: String) throws(PortError) -> String? {
        try read(attribute, as: \.string)
    }

    func isString(_ attribute: String) -> Bool { item[attribute]?.string != nil }

    func int64(_ attribute: String) throws(PortError) -> Int64 {
        try required(optionalInt64(attribute), attribute)
    }

    func optionalInt64(_ attribute: String) throws(PortError) -> Int64? {
        guard let value = try read(attribute, as: \.int) else { return nil }
        return try bounded(value, attribute)
    }

    func int(_ attribute: String) throws(PortError) -> Int {
        try required(optionalInt(attribute), attribute)
    }

    func optionalInt(_ attribute: String) throws(PortError) -> Int? {
        guard let value = try optionalInt64(attribute) else { return nil }
        guard let number = Int(exactly: value) else { throw malformed(attribute) }
        return number
    }

    func double(_ attribute: String) throws(PortError) -> Double {
        try required(optionalDouble(attribute), attribute)
    }

    func optionalDouble(_ attribute: String) throws(PortError) -> Double? {
        try read(attribute, as: \.double)
    }

    func optionalMoney(_ attribute: String) throws(PortError) -> Money? {
        try optionalInt64(attribute).map(Money.init(nanodollars:))
    }

    func timestamp(_ attribute: String) throws(PortError) -> Timestamp {
        Timestamp(milliseconds: try int64(attribute))
    }

    func optionalTimestamp(_ attribute: String) throws(PortError) -> Timestamp? {
        try optionalInt64(attribute).map { Timestamp(milliseconds: $0) }
    }

    /// A case by its raw value.
    func value<Value: RawRepresentable>(
        _ attribute: String, _ type: Value.Type = Value.self
    ) throws(PortError) -> Value where Value.RawValue == String {
        try required(Value(rawValue: string(attribute)), attribute)
    }

    func optionalVersion(_ attribute: String) throws(PortError) -> BlenderVersion? {
        guard let text = try optionalString(attribute) else { return nil }
        return try required(BlenderVersion(text), attribute)
    }

    func map(_ attribute: String) throws(PortError) -> ItemReader {
        try required(optionalMap(attribute), attribute)
    }

    func optionalMap(_ attribute: String) throws(PortError) -> ItemReader? {
        try read(attribute, as: \.map).map {
            ItemReader($0, name: name, path: "\(path)\(attribute).")
        }
    }

    /// The strings of a list.
    func strings(_ attribute: String) throws(PortError) -> [String] {
        try list(attribute, of: \.string)
    }

    /// The same, or an empty list when the attribute is missing.
    func optionalStrings(_ attribute: String) throws(PortError) -> [String] {
        item[attribute] == nil ? [] : try strings(attribute)
    }

    /// The whole numbers of a list.
    func numbers(_ attribute: String) throws(PortError) -> [Int64] {
        try list(attribute, of: \.int).map { (value) throws(PortError) in
            try bounded(value, attribute)
        }
    }

    /// The same, or an empty list when the attribute is missing.
    func optionalNumbers(_ attribute: String) throws(PortError) -> [Int64] {
        item[attribute] == nil ? [] : try numbers(attribute)
    }

    /// The maps of a list.
    func maps(_ attribute: String) throws(PortError) -> [ItemReader] {
        try list(attribute, of: \.map).map {
            ItemReader($0, name: name, path: "\(path)\(attribute).")
        }
    }

    /// The same, or an empty list when the attribute is missing.
    func optionalMaps(_ attribute: String) throws(PortError) -> [ItemReader] {
        item[attribute] == nil ? [] : try maps(attribute)
    }

    /// Numbers are added up later. A sum of numbers within these bounds does not overflow.
    private func bounded(_ value: Int64, _ attribute: String) throws(PortError) -> Int64 {
        guard value.magnitude <= AdapterLimits.numberMax else { throw malformed(attribute) }
        return value
    }

    private func list<Value>(
        _ attribute: String, of path: KeyPath<AttributeValue, Value?>
    ) throws(PortError) -> [Value] {
        try required(read(attribute, as: \.list), attribute).map { entry throws(PortError) in
            guard let value = entry[keyPath: path] else { throw malformed(attribute) }
            return value
        }
    }

    func frames() throws(PortError) -> FrameRange {
        let (first, last, step) = (try int("first"), try int("last"), try int("step"))
        do throws(JobRefusal) {
            return try FrameRange(first: first, last: last, step: step)
        } catch {
            throw malformed("last")
        }
    }

    /// The rest of the attribute names that begin with a prefix, in alphabetical order.
    func names(after prefix: String) -> [String] {
        item.keys.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
            .sorted()
    }

    /// The rest of a key after its prefix.
    func key(_ attribute: String, after prefix: String) throws(PortError) -> String {
        let value = try string(attribute)
        guard value.hasPrefix(prefix) else { throw malformed(attribute) }
        return String(value.dropFirst(prefix.count))
    }

    func malformed(_ attribute: String) -> PortError {
        PortError(
            .malformed, "read item \(name)",
            "its attribute \(path)\(attribute) is malformed; "
                + "does another version of Spotrender use this table?")
    }

    private func read<Value>(
        _ attribute: String, as path: KeyPath<AttributeValue, Value?>
    ) throws(PortError) -> Value? {
        guard let stored = item[attribute] else { return nil }
        guard let value = stored[keyPath: path] else { throw malformed(attribute) }
        return value
    }

    private func required<Value>(
        _ value: Value?, _ attribute: String
    ) throws(PortError) -> Value {
        guard let value else { throw malformed(attribute) }
        return value
    }
}

extension FrameRange {
    /// In the form that `ItemReader.frames()` reads.
    var item: DynamoDB.Item {
        ["first": .number(first), "last": .number(last), "step": .number(step)]
    }
}

extension Timestamp {
    var attribute: AttributeValue { .number(milliseconds) }
}

extension Money {
    var attribute: AttributeValue { .number(nanodollars) }
}
