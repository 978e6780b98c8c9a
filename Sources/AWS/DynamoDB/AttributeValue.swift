internal import FoundationEssentials

/// A value in DynamoDB. Sets and unknown types are only recognized.
package enum AttributeValue: Hashable, Sendable {
    case s(String)
    /// Decimal digits. DynamoDB keeps up to 38 of them, more than any machine type holds.
    case n(String)
    case bool(Bool)
    case null
    case list([AttributeValue])
    case map([String: AttributeValue])
    case binary([UInt8])
    /// A set, or a type that DynamoDB got later. One value of this kind must not make a whole list
    /// of items unreadable.
    case unsupported

    package static func number(_ value: some BinaryInteger) -> AttributeValue { .n("\(value)") }

    /// - Precondition: the value is finite.
    package static func number(_ value: Double) -> AttributeValue {
        precondition(value.isFinite, "DynamoDB stores neither infinity nor NaN.")
        return .n("\(value)")
    }

    package var string: String? {
        if case .s(let value) = self { value } else { nil }
    }

    package var int: Int64? {
        if case .n(let digits) = self { Int64(digits) } else { nil }
    }

    package var double: Double? {
        if case .n(let digits) = self { Double(digits) } else { nil }
    }

    package var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    package var list: [AttributeValue]? {
        if case .list(let values) = self { values } else { nil }
    }

    package var map: [String: AttributeValue]? {
        if case .map(let values) = self { values } else { nil }
    }
}

extension AttributeValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral
{
    package init(stringLiteral value: String) { self = .s(value) }
    package init(integerLiteral value: Int64) { self = .n("\(value)") }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension AttributeValue: Codable {
    private enum Kind: String, CodingKey {
        case s = "S"
        case n = "N"
        case bool = "BOOL"
        case null = "NULL"
        case list = "L"
        case map = "M"
        case binary = "B"
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Kind.self)
        guard let kind = container.allKeys.first else {
            self = .unsupported
            return
        }
        switch kind {
        case .s: self = .s(try container.decode(String.self, forKey: kind))
        case .n: self = .n(try container.decode(String.self, forKey: kind))
        case .bool: self = .bool(try container.decode(Bool.self, forKey: kind))
        case .null: self = .null
        case .list: self = .list(try container.decode([AttributeValue].self, forKey: kind))
        case .map:
            self = .map(try container.decode([String: AttributeValue].self, forKey: kind))
        case .binary:
            self = .binary(Array(try container.decode(Data.self, forKey: kind)))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Kind.self)
        switch self {
        case .s(let value): try container.encode(value, forKey: .s)
        case .n(let digits): try container.encode(digits, forKey: .n)
        case .bool(let value): try container.encode(value, forKey: .bool)
        case .null: try container.encode(true, forKey: .null)
        case .list(let values): try container.encode(values, forKey: .list)
        case .map(let values): try container.encode(values, forKey: .map)
        case .binary(let bytes): try container.encode(Data(bytes), forKey: .binary)
        case .unsupported:
            throw EncodingError.invalidValue(
                self,
                EncodingError.Context(
                    codingPath: encoder.codingPath,
                    debugDescription: "An attribute value of an unknown type"))
        }
    }
}
