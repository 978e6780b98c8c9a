internal import FoundationEssentials

/// A profile from `~/.aws/credentials` and `~/.aws/config`.
///
/// The credentials file takes precedence over the config file, as in AWS's tools.
struct SharedProfile: Hashable, Sendable {
    let name: String
    /// Whether the user named the profile. Then a missing profile is an error.
    let isNamed: Bool
    /// `nil` when neither file has the profile.
    let settings: [String: String]?
    let paths: [String]

    init(environment: [String: String]) {
        let named =
            environment.nonEmpty("AWS_PROFILE") ?? environment.nonEmpty("AWS_DEFAULT_PROFILE")
        let name = named ?? "default"
        let home = environment.nonEmpty("HOME") ?? ""
        let credentials =
            environment.nonEmpty("AWS_SHARED_CREDENTIALS_FILE") ?? "\(home)/.aws/credentials"
        let config = environment.nonEmpty("AWS_CONFIG_FILE") ?? "\(home)/.aws/config"
        let fromConfig = Self.sections(of: config)[name == "default" ? name : "profile \(name)"]
        let fromCredentials = Self.sections(of: credentials)[name]
        self.name = name
        isNamed = named != nil
        paths = [credentials, config]
        settings =
            fromConfig == nil && fromCredentials == nil
            ? nil
            : (fromConfig ?? [:]).merging(fromCredentials ?? [:]) { _, credentials in credentials }
    }

    private static func sections(of path: String) -> [String: [String: String]] {
        guard let contents = FileManager.default.contents(atPath: path) else { return [:] }
        return sections(in: String(decoding: contents, as: UTF8.self))
    }

    /// Reads `[section]`, `key = value`, and `#` and `;` comments. Nested (indented) settings are
    /// skipped.
    static func sections(in text: String) -> [String: [String: String]] {
        var sections: [String: [String: String]] = [:]
        var current: String?
        for line in text.split(whereSeparator: \.isNewline) {
            guard let first = line.first, !first.isWhitespace, first != "#", first != ";" else {
                continue
            }
            if first == "[" {
                let title = line.dropFirst().prefix { $0 != "]" }
                let name = title.split(whereSeparator: \.isWhitespace).joined(separator: " ")
                current = name
                sections[name, default: [:]].merge([:]) { old, _ in old }
            } else if let current, let equals = line.firstIndex(of: "=") {
                let key = line[..<equals].trimmingBlanks().lowercased()
                var value = line[line.index(after: equals)...]
                // A comment after a value begins with a space and `#` or `;`.
                for sign in ["#", ";"] {
                    if let comment = value.indices.first(where: {
                        $0 > value.startIndex && String(value[$0]) == sign
                            && value[value.index(before: $0)].isWhitespace
                    }) {
                        value = value[..<comment]
                    }
                }
                sections[current, default: [:]][key] = value.trimmingBlanks()
            }
        }
        return sections
    }
}

extension Substring {
    fileprivate func trimmingBlanks() -> String {
        var rest = self
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
