internal import FoundationEssentials

/// What S3 says when objects are created (event structure 2.x). Only what we use.
package struct S3Event: Decodable, Hashable, Sendable {
    package struct Record: Decodable, Hashable, Sendable {
        package let eventName: String
        package let s3: Entity
    }

    package struct Entity: Decodable, Hashable, Sendable {
        package let bucket: Bucket
        package let object: Object
    }

    package struct Bucket: Decodable, Hashable, Sendable {
        package let name: String
    }

    package struct Object: Decodable, Hashable, Sendable {
        /// As S3 writes it: a space is `+`, other characters are `%xx`.
        package let key: String
        package let versionId: String?
    }

    /// Sent once, when a bucket is told to notify; it has no records.
    package let isTest: Bool
    package let records: [Record]

    package init(json: [UInt8]) throws(EventError) {
        do {
            self = try JSONDecoder().decode(S3Event.self, from: Data(json))
        } catch {
            throw EventError(expected: "an S3 notification", problem: "\(error)")
        }
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Field.self)
        isTest = try fields.decodeIfPresent(String.self, forKey: .event) == "s3:TestEvent"
        records = isTest ? [] : try fields.decode([Record].self, forKey: .records)
    }

    private enum Field: String, CodingKey {
        case records = "Records"
        case event = "Event"
    }
}

extension S3Event.Object {
    /// The key as S3 knows it, or `nil` when it is not valid percent-encoded UTF-8.
    package var decodedKey: String? {
        var bytes: [UInt8] = []
        var rest = key.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"):
                bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                let digits = rest.prefix(2)
                guard digits.count == 2, digits.allSatisfy(Self.isHexDigit),
                    let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
                else { return nil }
                bytes.append(value)
                rest = rest.dropFirst(2)
            default:
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        Character(Unicode.Scalar(byte)).isHexDigit
    }
}

/// An event that is not of the kind this function is for: a mistake in the wiring.
package struct EventError: Error, Hashable, Sendable, CustomStringConvertible {
    package let expected: String
    package let problem: String

    package init(expected: String, problem: String) {
        self.expected = expected
        self.problem = problem
    }

    package var description: String {
        "The event is not \(expected) (\(problem)): check what invokes this function."
    }
}
