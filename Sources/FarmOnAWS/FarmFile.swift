/// A farm's file: lines such as `export NAME=value`, which `make deploy` or `local up` wrote.
///
/// Otherwise a file in a downloaded folder could send the user's keys to any address. So a file may
/// name an endpoint, keys or a certificate bundle only together, and only for an endpoint on this
/// machine.
struct FarmFile: Hashable, Sendable {
    let path: String
    let variables: [String: String]

    init(_ text: String, at path: String) {
        self.path = path
        variables = Self.variables(in: text)
    }

    /// The variables of the account. Other variables of AWS's tools are ignored.
    private static let accountNames: Set = [
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CA_BUNDLE",
    ]
    private static let regionNames: Set = ["AWS_REGION", "AWS_DEFAULT_REGION"]
    private static let endpointName = "AWS_ENDPOINT_URL"

    private var account: [String: String] {
        variables.filter {
            Self.accountNames.contains($0.key) || $0.key.hasPrefix(Self.endpointName)
        }
    }

    private var farm: [String: String] {
        variables.filter { $0.key.hasPrefix("SPOTRENDER_") }
    }

    private var regions: [String: String] {
        variables.filter { Self.regionNames.contains($0.key) }
    }

    /// Whether the file names an endpoint on this machine and the keys for it.
    private var isOfThisMachine: Bool {
        let endpoints = variables.filter { $0.key.hasPrefix(Self.endpointName) }
        return endpoints[Self.endpointName] != nil
            && endpoints.values.allSatisfy(Self.isLoopback)
            && ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].allSatisfy {
                variables[$0, default: ""].isEmpty == false
            }
    }

    /// Adds the file's variables to the environment.
    ///
    /// - Parameters:
    ///   - isNamed: The user named this farm. Then its own names take precedence over those in the
    ///     environment.
    ///   - flag: The endpoint that the user gave with `--endpoint-url`.
    /// - Returns: One sentence about each thing that was used or left out.
    func join(
        _ environment: inout [String: String], isNamed: Bool, flag: String?
    ) throws(FarmAddressError) -> [String] {
        let known = Set(account.keys).union(farm.keys).union(regions.keys).union(["AWS_PROFILE"])
        var notes: [String] = []
        var used = Set<String>()
        let own = environment[Self.endpointName].flatMap { $0.isEmpty ? nil : $0 }
        let other = flag ?? (isNamed ? nil : own)
        // A flag may lead to a proxy of this farm. Keys in the environment belong to its endpoint.
        let isOwnEndpoint =
            flag.map(Self.isLoopback) ?? (other == nil || other == variables[Self.endpointName])
        if account.isEmpty {
            used.formUnion(joinProfile(&environment))
        } else if let other, !(isOfThisMachine && isOwnEndpoint) {
            notes.append("\(path): its keys are not used, because the endpoint is \(other).")
        } else if isOfThisMachine {
            // Nothing of the real account may reach this endpoint.
            environment = environment.filter { !$0.key.hasPrefix("AWS_") }
            environment.merge(account) { $1 }
            environment.merge(regions) { $1 }
            if let other { environment[Self.endpointName] = other }
            used.formUnion(account.keys)
        } else {
            throw .foreignAccount(path, account.keys.sorted())
        }
        let hasRegion = Self.regionNames.contains { environment[$0]?.isEmpty == false }
        for (name, value) in regions where isNamed || !hasRegion { environment[name] = value }
        for (name, value) in farm where isNamed || environment[name, default: ""].isEmpty {
            environment[name] = value
        }
        used.formUnion(
            farm.merging(regions) { $1 }.filter { environment[$0.key] == $0.value }.keys)
        notes.insert("Read \(path): \(used.sorted().joined(separator: ", ")).", at: 0)
        let kept = known.intersection(variables.keys).subtracting(used)
        if !kept.isEmpty {
            notes.append("Not taken from the file: \(kept.sorted().joined(separator: ", ")).")
        }
        let unknown = Set(variables.keys).subtracting(known)
        if !unknown.isEmpty {
            notes.append("Unknown in the file: \(unknown.sorted().joined(separator: ", ")).")
        }
        return notes
    }

    /// `make deploy` writes the profile that it used. Keys and a profile in the environment take
    /// precedence over it.
    private func joinProfile(_ environment: inout [String: String]) -> [String] {
        let name = "AWS_PROFILE"
        guard let profile = variables[name], environment[name, default: ""].isEmpty,
            environment["AWS_ACCESS_KEY_ID", default: ""].isEmpty
        else { return [] }
        environment[name] = profile
        return [name]
    }

    /// Whether an address leads to this machine. The host is `localhost`, `[::1]` or 127.x.y.z.
    static func isLoopback(_ url: String) -> Bool {
        guard let scheme = ["http://", "https://"].first(where: { url.hasPrefix($0) }) else {
            return false
        }
        let authority = url.dropFirst(scheme.count).prefix { !"/?#\\".contains($0) }
        guard authority.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "@") })
        else { return false }
        if authority == "[::1]" || authority.hasPrefix("[::1]:") { return true }
        let host = authority.prefix { $0 != ":" }
        if host == "localhost" { return true }
        let octets = host.split(separator: ".", omittingEmptySubsequences: false)
        // A leading zero makes an octet octal for some programs.
        return octets.count == 4 && octets[0] == "127"
            && octets.allSatisfy { text in UInt8(text).map { String($0) == text } ?? false }
    }

    /// Reads lines such as `export NAME=value`. Quotes around a value are removed, as in a shell.
    static func variables(in text: String) -> [String: String] {
        var variables: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            var line = line.drop(while: \.isWhitespace)
            if line.hasPrefix("export ") { line = line.dropFirst("export ".count) }
            guard !line.hasPrefix("#"), let equals = line.firstIndex(of: "=") else { continue }
            var value = line[line.index(after: equals)...]
            for quote in ["\"", "'"] where value.count >= 2 {
                guard value.hasPrefix(quote), value.hasSuffix(quote) else { continue }
                value = value.dropFirst().dropLast()
            }
            variables[String(line[..<equals])] = String(value)
        }
        return variables
    }
}
