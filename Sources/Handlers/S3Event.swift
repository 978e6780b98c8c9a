internal import FoundationEssentials

/// S3's notification of created objects (event structure 2.x): the fields that the splitter reads.
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
        /// The key in S3's encoding: a space is `+`, other characters are `%xx`.
        package let key: String
        package let versionId: String?
    }

    /// S3 sends a test event once, when notifications are set up. It has no records.
    package let isTest: Bool
    package let records: [Record]

    /// - Throws: `EventError` when the bytes are neither a notification nor a test event.
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
    /// The object's key, or `nil` when `key` is not valid percent-encoded UTF-8.
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
