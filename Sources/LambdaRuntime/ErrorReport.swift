import FoundationEssentials

/// A failure as Lambda records it. `type` is stable, for searching. `message` is for people.
package struct ErrorReport: Hashable, Sendable {
    /// The category of a type. Lambda drops types with any other category.
    package enum Category: String, Hashable, Sendable {
        case runtime = "Runtime"
        case function = "Function"
    }

    /// Always matches `(Runtime|Function)\.[A-Z][a-zA-Z]+`. Lambda keeps no other types.
    package let type: String
    package let message: String

    /// - Parameter name: an error's name. Characters other than ASCII letters are left out.
    package init(_ category: Category = .function, _ name: String, message: String) {
        var letters = name.unicodeScalars.filter { $0.isASCII && $0.properties.isAlphabetic }
        letters = String.UnicodeScalarView(letters.prefix(RuntimeLimits.errorTypeLettersMax))
        let word = String(letters)
        let isEnough = word.count >= 2
        type =
            category.rawValue + "."
            + (isEnough ? word.prefix(1).uppercased() + word.dropFirst() : "UnknownError")
        self.message = message.cut(toScalars: RuntimeLimits.errorMessageScalarsMax)
    }

    /// The report of an error that a handler threw: its type's name and its description.
    package init(_ error: any Error) {
        self.init(
            .function, String(describing: Swift.type(of: error)), message: String(describing: error)
        )
    }

    /// The body of `error` and `init/error`. It is valid JSON for every message.
    package var body: [UInt8] {
        jsonBytes(Body(errorMessage: message, errorType: type, stackTrace: []))
    }

    /// The header for X-Ray, in ASCII and below its bound of 64 KiB.
    package var xRayCause: String {
        let exception = Cause.Exception(type: type, message: message, stack: [])
        let json = jsonBytes(
            Cause(workingDirectory: "/var/task", exceptions: [exception], paths: []))
        return String(decoding: json, as: UTF8.self).escapedToASCII
    }

    private struct Body: Encodable {
        let errorMessage: String
        let errorType: String
        let stackTrace: [String]
    }

    private struct Cause: Encodable {
        struct Exception: Encodable {
            let type: String
            let message: String
            let stack: [String]
        }

        enum CodingKeys: String, CodingKey {
            case workingDirectory = "working_directory"
            case exceptions
            case paths
        }

        let workingDirectory: String
        let exceptions: [Exception]
        let paths: [String]
    }
}

/// JSON with sorted keys, for values that can always be encoded.
func jsonBytes(_ value: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
        return try Array(encoder.encode(value))
    } catch {
        preconditionFailure("Strings, arrays and dictionaries can always be encoded: \(error)")
    }
}

extension String {
    func cut(toScalars countMax: Int) -> String {
        guard let end = unicodeScalars.index(startIndex, offsetBy: countMax, limitedBy: endIndex),
            end < endIndex
        else { return self }
        return String(self[..<end]) + "…"
    }

    /// The same JSON with `\u` escapes. Outside of strings, JSON is always ASCII.
    fileprivate var escapedToASCII: String {
        var text = ""
        for scalar in unicodeScalars {
            guard scalar.value > 0x7E else {
                text.unicodeScalars.append(scalar)
                continue
            }
            for unit in String(scalar).utf16 {
                let digits = String(unit, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return text
    }
}
