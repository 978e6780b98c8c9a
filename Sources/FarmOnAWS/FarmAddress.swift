/// The farm that a command uses. It is named as in AWS's tools: by flag, by the environment, or by
/// a file that deploying wrote.
///
///     --stack NAME          .spotrender/NAME.env, written by `make deploy`
///     --stack local         .spotrender/local/env.sh, written by `spotrender local up`
///     --stack PATH          that file, when there is a slash in it
///     SPOTRENDER_TABLE, …   the farm whose variables are all in the environment
///     SPOTRENDER_STACK      as --stack
///     none of these         the only farm in .spotrender, here or in a folder above
///
/// `FarmSearch` says which folders count.
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

    /// The disk and the user. Tests pass their own.
    package struct Files: Sendable {
        /// `nil` when there is no such file.
        package var read: @Sendable (String) -> String?
        /// The names in a folder. Empty when the folder does not exist.
        package var list: @Sendable (String) -> [String]
        /// Facts about what a path leads to, after links. `nil` when there is nothing.
        package var facts: @Sendable (String) -> Facts?
        /// The id of the user who runs the program.
        package var user: UInt32

        package init(
            read: @escaping @Sendable (String) -> String?,
            list: @escaping @Sendable (String) -> [String],
            facts: @escaping @Sendable (String) -> Facts?, user: UInt32
        ) {
            self.read = read
            self.list = list
            self.facts = facts
            self.user = user
        }
    }

    /// What `stat` says about a file or folder.
    package struct Facts: Hashable, Sendable {
        package var owner: UInt32
        package var group: UInt32
        /// The kind and the permissions, as in `st_mode`.
        package var mode: UInt32

        package init(owner: UInt32, group: UInt32, mode: UInt32) {
            self.owner = owner
            self.group = group
            self.mode = mode
        }

        /// Whether only this user and root can write to it.
        ///
        /// Some systems give each user a group of its own with the user's number. There, new files
        /// are writable for the group, which has no other member.
        func isTrusted(by user: UInt32) -> Bool {
            let isOthersGroup = group != owner && group != 0
            return (owner == user || owner == 0) && mode & 0o002 == 0
                && (mode & 0o020 == 0 || !isOthersGroup)
        }

        var isFile: Bool { mode & 0o170000 == 0o100000 }
    }

    /// The variables that name the farm and the account, for `AWSFarm`, and where they are from.
    package struct Resolution: Hashable, Sendable {
        package var environment: [String: String]
        /// Sentences for `--verbose`.
        package var notes: [String] = []
    }

    /// Finds the farm. Flags take precedence over the environment, and the environment over a file.
    ///
    /// - Parameters:
    ///   - folder: The absolute path of the current folder.
    ///   - home: The absolute path of the user's home folder.
    package func resolve(
        inheriting environment: [String: String], from folder: String, home: String?,
        _ files: Files
    ) throws(FarmAddressError) -> Resolution {
        var result = Resolution(environment: environment)
        let named = stack ?? environment["SPOTRENDER_STACK"].flatMap { $0.isEmpty ? nil : $0 }
        if let stack, stack.contains("/") {
            guard let text = files.read(stack) else { throw .noFile(stack) }
            result.notes += try FarmFile(text, at: stack).join(
                &result.environment, isNamed: true, flag: endpointURL)
        } else if stack == nil, environment["SPOTRENDER_TABLE"]?.isEmpty == false {
            result.notes.append("The environment names the farm. No file was read.")
        } else {
            let search = FarmSearch(from: folder, home: home, files)
            result.notes += search.untrusted.map {
                "Not used: \($0), because another user owns it or can write to it."
            }
            let file = try search.file(named)
            result.notes += try file.join(
                &result.environment, isNamed: named != nil, flag: endpointURL)
        }
        apply(to: &result.environment)
        let endpoint = result.environment["AWS_ENDPOINT_URL"].flatMap { $0.isEmpty ? nil : $0 }
        result.notes.append("Endpoint: \(endpoint ?? "AWS").")
        return result
    }

    private func apply(to environment: inout [String: String]) {
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
    }
}

/// No farm was found, or several were.
package enum FarmAddressError: Error, Hashable, Sendable, CustomStringConvertible {
    case none
    case several([String])
    case unknown(String, known: [String])
    case noFile(String)
    /// A file names an endpoint, keys or a certificate bundle that it may not name.
    case foreignAccount(String, [String])
    /// Another user can change these folders or files, so none of them was read.
    case untrusted([String])

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
        case .foreignAccount(let path, let names):
            "\(path) names \(names.joined(separator: ", ")). A farm's file may name an endpoint on "
                + "this machine together with its keys, and nothing else of an account. If you "
                + "trust the endpoint, pass it with --endpoint-url and keep the keys in the "
                + "environment or a profile."
        case .untrusted(let paths):
            "Another user owns or can write to \(paths.joined(separator: ", ")), so no farm was "
                + "read there. Take the permission away with `chmod go-w`, or name the file with "
                + "--stack PATH."
        }
    }
}
