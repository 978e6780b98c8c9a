/// The farm that a command uses. It is named as in AWS's tools: by flag, by the environment, or by
/// a file that deploying wrote.
///
///     --stack NAME          .spotrender/NAME.env, written by `make deploy`
///     --stack local         .spotrender/local/env.sh, written by `spotrender local up`
///     --stack PATH          that file, when there is a slash in it
///     SPOTRENDER_TABLE, …   the farm whose variables are all in the environment
///     SPOTRENDER_STACK      as --stack
///     none of these         the only farm in .spotrender, here or in a folder above
package struct FarmAddress: Hashable, Sendable {
    package var stack: String?
    package var region: String?
    package var profile: String?
    package var endpointURL: String?

    package init(
        stack: String? = nil, region: String? = nil, profile: String? = nil,
        endpointURL: String? = nil
    ) {
        self.stack = stack
        self.region = region
        self.profile = profile
        self.endpointURL = endpointURL
    }

    /// The disk. Tests pass their own.
    package struct Files: Sendable {
        /// `nil` when there is no such file.
        package var read: @Sendable (String) -> String?
        /// The names in a folder. Empty when the folder does not exist.
        package var list: @Sendable (String) -> [String]

        package init(
            read: @escaping @Sendable (String) -> String?,
            list: @escaping @Sendable (String) -> [String]
        ) {
            self.read = read
            self.list = list
        }
    }

    /// The variables that name the farm and the account, for `AWSFarm`.
    ///
    /// A file's variables, including keys, belong together. They take precedence over the
    /// environment. Flags take precedence over both.
    ///
    /// - Parameter folder: the absolute path of the current folder.
    package func environment(
        inheriting environment: [String: String], from folder: String, _ files: Files
    ) throws(FarmAddressError) -> [String: String] {
        var environment = environment
        if let text = try settings(environment, folder, files) {
            environment.merge(Self.variables(in: text)) { $1 }
        }
        if let region {
            environment["AWS_REGION"] = region
            environment["AWS_DEFAULT_REGION"] = region
        }
        if let profile {
            environment["AWS_PROFILE"] = profile
            // As in AWS's tools, a named profile takes precedence over keys in the environment.
            for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
                environment[name] = nil
            }
        }
        if let endpointURL { environment["AWS_ENDPOINT_URL"] = endpointURL }
        return environment
    }

    /// The text of the farm's file, or `nil` when the environment names the farm.
    private func settings(
        _ environment: [String: String], _ folder: String, _ files: Files
    ) throws(FarmAddressError) -> String? {
        if let stack, stack.contains("/") {
            guard let text = files.read(stack) else { throw .noFile(stack) }
            return text
        }
        if stack == nil, environment["SPOTRENDER_TABLE"]?.isEmpty == false { return nil }
        let known = Self.farms(above: folder, files)
        if let wanted = stack ?? environment["SPOTRENDER_STACK"].flatMap({ $0.isEmpty ? nil : $0 })
        {
            guard let path = known[wanted], let text = files.read(path) else {
                throw .unknown(wanted, known: known.keys.sorted())
            }
            return text
        }
        guard let only = known.first else { throw .none }
        guard known.count == 1 else { throw .several(known.keys.sorted()) }
        return files.read(only.value)
    }

    /// Paths of the farms' files by name, in the nearest folder that has any.
    private static func farms(above folder: String, _ files: Files) -> [String: String] {
        var folder = folder
        // A path has fewer parts than characters.
        for _ in 0...folder.count {
            let state = (folder == "/" ? "" : folder) + "/.spotrender"
            var found: [String: String] = [:]
            for name in files.list(state) where name.hasSuffix(".env") {
                found[String(name.dropLast(4))] = "\(state)/\(name)"
            }
            if files.read("\(state)/local/env.sh") != nil {
                found[local] = "\(state)/local/env.sh"
            }
            guard found.isEmpty, folder != "/", let slash = folder.lastIndex(of: "/") else {
                return found
            }
            folder = slash == folder.startIndex ? "/" : String(folder[..<slash])
        }
        return [:]
    }

    /// The name of the farm on this machine.
    private static let local = "local"

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

/// No farm was found, or several were.
package enum FarmAddressError: Error, Hashable, Sendable, CustomStringConvertible {
    case none
    case several([String])
    case unknown(String, known: [String])
    case noFile(String)

    package var description: String {
        switch self {
        case .none:
            "There is no farm here or in a folder above. Start one on this machine with "
                + "`spotrender local up`, deploy one to AWS with `make deploy`, or name a file of "
                + "variables with --stack PATH."
        case .several(let names):
            "There are several farms: \(names.joined(separator: ", ")). Name one with --stack NAME "
                + "or `export SPOTRENDER_STACK=NAME`."
        case .unknown(let name, let known):
            "There is no farm \(name) here or in a folder above"
                + (known.isEmpty ? "." : ". Known farms: \(known.joined(separator: ", ")).")
                + (name == "local"
                    ? " Start it with `spotrender local up`."
                    : " Deploy it with `make deploy STACK=\(name)`.")
        case .noFile(let path):
            "The file \(path) could not be read. --stack takes the path of a file with the "
                + "farm's variables, as `make deploy` writes it, or a stack's name."
        }
    }
}
