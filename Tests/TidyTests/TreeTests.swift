import Testing

/// The house rules that a compiler does not hold.
@Suite struct `The tree` {
    /// What each module may import, of ours and of other packages. Dependencies point down only.
    private static let arrows: [String: Set<String>] = [
        "Farm": [],
        "BlendFile": ["CZlib", "CZstd"],
        "Digest": ["CCrypto"],
        "HTTP": ["CCurl"],
        "AWS": ["HTTP", "Digest", "CExpat", "Logging"],
        "LambdaRuntime": ["HTTP", "Logging"],
        "FarmOnAWS": ["Farm", "AWS", "HTTP", "CZlib", "Logging"],
        "Archive": ["Farm", "BlendFile", "CArchive"],
        "Operations": ["Farm", "Digest"],
        "Inspection": ["Farm", "BlendFile", "Archive"],
        "Handlers": [
            "Farm", "Operations", "Inspection", "Presentation", "BlendFile", "Archive", "Digest",
            "Logging",
        ],
        "Worker": [
            "Farm", "Operations", "Archive", "Digest", "Logging", "ServiceLifecycle", "UnixSignals",
        ],
        "Blender": ["Farm", "CZlib", "Subprocess", "SystemPackage"],
        "Dashboard": ["Farm", "Operations", "Presentation", "Logging", "FlyingFox", "FlyingSocks"],
        "Presentation": ["Farm"],
        "LocalCloud": [
            "Farm", "Presentation", "FarmOnAWS", "AWS", "HTTP", "CZlib", "Digest", "Logging",
            "Subprocess",
            "SystemPackage", "FlyingFox", "FlyingSocks",
        ],
    ]

    private static let language: Set<String> = [
        "Swift", "Synchronization", "FoundationEssentials", "Glibc", "Dispatch",
    ]

    private static func imports(of file: Tree.File) -> [String] {
        // An indented import stands in a string: Blender's own programs are Python.
        file.code.filter { $0.first?.isLetter == true }.compactMap { line in
            let words = line.split(separator: " ")
            guard let place = words.firstIndex(of: "import"), place <= 2,
                words.indices.contains(place + 1)
            else { return nil }
            return String(words[place + 1])
        }
    }

    @Test(arguments: arrows.keys.sorted())
    func `imports only what its module may`(_ module: String) throws {
        let allowed = try #require(Self.arrows[module]).union(Self.language)
        for file in try Tree.swift(under: "Sources/\(module)") {
            // Lambdas hold none of these: Foundation is seven times the size of its essentials.
            let extra: Set<String> = module == "LocalCloud" ? ["Foundation"] : []
            for name in Self.imports(of: file) {
                #expect(allowed.union(extra).contains(name), "\(file.path) imports \(name)")
            }
        }
    }

    @Test func `has a rule for every module`() throws {
        let programs: Set<String> = [
            "job-splitter", "spot-interruption-handler", "fleet-scaler", "render-worker",
            "spotrender", "FarmTesting",
        ]
        let modules = Set(try Tree.swift(under: "Sources").map(\.module))
        #expect(modules.subtracting(programs) == Set(Self.arrows.keys))
    }

    /// Unstructured tasks outlive their callers; each exception is named here with its reason.
    private static let unstructured: Set<String> = []

    @Test func `starts no task that nobody waits for`() throws {
        for file in try Tree.swift(under: "Sources") where !Self.unstructured.contains(file.path) {
            for line in file.code {
                let isTask =
                    line.contains(/(^|[^A-Za-z])Task \{/) || line.contains("Task.detached")
                #expect(!isTask, "\(file.path): \(line)")
            }
        }
    }

    /// Foundation's `Process` passes on the calling thread's blocked signals, and the threads of a
    /// Swift program block SIGTERM: the child then survives `terminate()`. Subprocess blocks none.
    @Test func `starts processes by Subprocess only`() throws {
        for file in try Tree.swift(under: "Sources") + Tree.swift(under: "Tests") {
            for line in file.code {
                let isProcess = line.contains(/(^|[^A-Za-z"])Process\(\)/)
                #expect(!isProcess, "\(file.path): \(line)")
            }
        }
    }

    /// Each word with the files that may have it, for a reason that stands there.
    private static let banned: [(word: String, allowed: [String])] = [
        ("try?", []), ("try!", []), ("fatalError(", []), ("FIXME", []), ("TODO", []),
        // Handles of libcurl's belong to one thread at a time, which the compiler can't see.
        ("@unchecked Sendable", ["Sources/HTTP/"]),
        ("print(", []),
    ]

    @Test func `has none of the banned words`() throws {
        for file in try Tree.swift(under: "Sources") {
            for (word, allowed) in Self.banned where !allowed.contains(where: file.path.hasPrefix) {
                for line in file.code {
                    let isWord = line.split(separator: word, omittingEmptySubsequences: false)
                        .dropLast().contains { $0.last?.isLetter != true }
                    #expect(!isWord, "\(file.path): \(line)")
                }
            }
        }
    }

    @Test func `does not name vague things`() throws {
        let vague = ["Manager", "Helper", "Util", "Impl"]
        for file in try Tree.swift(under: "Sources") {
            for line in file.code {
                let words = line.split(separator: " ")
                guard
                    let kind = words.firstIndex(where: {
                        ["struct", "class", "enum", "actor", "protocol"].contains($0)
                    }), words.indices.contains(kind + 1)
                else { continue }
                let name = words[kind + 1]
                let isVague = vague.contains { name.contains($0) }
                #expect(!isVague, "\(file.path): \(name)")
            }
        }
    }
}
