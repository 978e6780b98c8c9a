import Testing

@testable import FarmOnAWS

@Suite struct `A farm's address` {
    private static let disk = [
        "/home/a/film/.spotrender/spotrender.env":
            "export AWS_REGION=eu-central-1\nexport SPOTRENDER_TABLE=cloud\n",
        "/home/a/film/.spotrender/local/env.sh":
            """
        export AWS_ENDPOINT_URL=http://127.0.0.1:4566
        export AWS_ACCESS_KEY_ID=AKIALOCAL
        export AWS_SECRET_ACCESS_KEY=secret
        export AWS_REGION=us-west-2
        export SPOTRENDER_TABLE='local'
        """,
        "/home/b/.spotrender/local/env.sh": "export SPOTRENDER_TABLE=\"b\"\n",
        "/etc/farm.env": "# a comment\nSPOTRENDER_TABLE=named\n",
    ]

    private static func files(_ disk: [String: String]) -> FarmAddress.Files {
        FarmAddress.Files(
            read: { disk[$0] },
            list: { folder in
                disk.keys.filter { $0.hasPrefix(folder + "/") }.map {
                    String($0.dropFirst(folder.count + 1))
                }.filter { !$0.contains("/") }
            },
            facts: { path in
                let isFile = disk[path] != nil
                let isFolder = path == "/" || disk.keys.contains { $0.hasPrefix(path + "/") }
                guard isFile || isFolder else { return nil }
                return FarmAddress.Facts(
                    owner: 1000, group: 1000, mode: isFile ? 0o100644 : 0o040755)
            },
            user: 1000)
    }

    private func resolve(
        _ address: FarmAddress = FarmAddress(), _ environment: [String: String] = [:],
        from folder: String
    ) throws(FarmAddressError) -> [String: String] {
        let home = folder.split(separator: "/").prefix(2).joined(separator: "/")
        return try address.resolve(
            inheriting: environment, from: folder, home: "/" + home, Self.files(Self.disk)
        ).environment
    }

    private func table(
        _ address: FarmAddress = FarmAddress(), _ environment: [String: String] = [:],
        from folder: String
    ) throws -> String? {
        try resolve(address, environment, from: folder)["SPOTRENDER_TABLE"]
    }

    @Test func `is the only farm, here or in a folder above`() throws {
        #expect(try table(from: "/home/b") == "b")
        #expect(try table(from: "/home/b/shots/07") == "b")
    }

    @Test func `is the farm whose variables are all in the environment`() throws {
        let environment = ["SPOTRENDER_TABLE": "mine"]
        #expect(try table(FarmAddress(), environment, from: "/home/b") == "mine")
        #expect(try table(FarmAddress(), environment, from: "/nowhere") == "mine")
    }

    @Test func `is named by flag first`() throws {
        let environment = ["SPOTRENDER_TABLE": "mine", "SPOTRENDER_STACK": "local"]
        let film = "/home/a/film"
        #expect(try table(FarmAddress(stack: "spotrender"), environment, from: film) == "cloud")
        #expect(try table(FarmAddress(stack: "local"), environment, from: film) == "local")
        #expect(try table(FarmAddress(stack: "/etc/farm.env"), from: "/") == "named")
        #expect(try table(FarmAddress(), ["SPOTRENDER_STACK": "local"], from: film) == "local")
    }

    @Test func `must be named when there are several`() {
        #expect(throws: FarmAddressError.several(["local", "spotrender"])) {
            try table(from: "/home/a/film")
        }
    }

    @Test func `that does not exist is an error with the next step`() {
        #expect(throws: FarmAddressError.none) { try table(from: "/home/c") }
        #expect(FarmAddressError.none.description.contains("spotrender local up"))
        #expect(FarmAddressError.none.description.contains("make deploy"))
        #expect(throws: FarmAddressError.unknown("film", known: ["local", "spotrender"])) {
            try table(FarmAddress(stack: "film"), from: "/home/a/film")
        }
        #expect(
            FarmAddressError.unknown("film", known: []).description.contains(
                "make deploy STACK=film"))
        #expect(throws: FarmAddressError.noFile("./x")) {
            try table(FarmAddress(stack: "./x"), from: "/home/a/film")
        }
    }

    @Test func `has its own keys and Region, and flags take precedence over both`() throws {
        let inherited = [
            "AWS_ACCESS_KEY_ID": "AKIAREAL", "AWS_SESSION_TOKEN": "real", "AWS_PROFILE": "real",
            "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL_S3": "https://proxy.example",
            "PATH": "/bin",
        ]
        let film = "/home/a/film"
        let local = try resolve(FarmAddress(stack: "local"), inherited, from: film)
        // No real key goes to the endpoint of the file, and no key of the file elsewhere.
        #expect(
            local == [
                "PATH": "/bin", "SPOTRENDER_TABLE": "local", "AWS_REGION": "us-west-2",
                "AWS_ENDPOINT_URL": "http://127.0.0.1:4566", "AWS_ACCESS_KEY_ID": "AKIALOCAL",
                "AWS_SECRET_ACCESS_KEY": "secret",
            ])
        let cloud = try resolve(FarmAddress(stack: "spotrender"), inherited, from: film)
        #expect(cloud["AWS_REGION"] == "eu-central-1")
        #expect(cloud["AWS_ACCESS_KEY_ID"] == "AKIAREAL")
        let flags = try resolve(
            FarmAddress(
                stack: "spotrender", region: "eu-west-1", profile: "work",
                endpointURL: "http://127.0.0.1:1"), inherited, from: film)
        #expect(flags["AWS_REGION"] == "eu-west-1" && flags["AWS_DEFAULT_REGION"] == "eu-west-1")
        #expect(flags["AWS_PROFILE"] == "work" && flags["AWS_ACCESS_KEY_ID"] == nil)
        #expect(flags["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1")
    }
}

@Suite struct `A farm's file` {
    private static let path = "/home/a/.spotrender/x.env"

    private func join(
        _ text: String, _ environment: [String: String] = [:], isNamed: Bool = false,
        flag: String? = nil
    ) throws -> [String: String] {
        var environment = environment
        _ = try FarmFile(text, at: Self.path).join(&environment, isNamed: isNamed, flag: flag)
        return environment
    }

    @Test func `gives way to the environment`() throws {
        let joined = try join(
            "AWS_REGION=eu-central-1\nAWS_PROFILE=film\nSPOTRENDER_TABLE=t\nSPOTRENDER_QUEUE_URL=q",
            ["AWS_DEFAULT_REGION": "us-east-1", "AWS_PROFILE": "mine", "SPOTRENDER_TABLE": "mine"])
        #expect(
            joined == [
                "AWS_DEFAULT_REGION": "us-east-1", "AWS_PROFILE": "mine",
                "SPOTRENDER_TABLE": "mine", "SPOTRENDER_QUEUE_URL": "q",
            ])
    }

    @Test(arguments: [
        "AWS_ENDPOINT_URL=https://s3.evil.example",
        "AWS_ENDPOINT_URL=http://127.0.0.1:1",
        "AWS_ACCESS_KEY_ID=a\nAWS_SECRET_ACCESS_KEY=b",
        "AWS_CA_BUNDLE=/home/a/film/ca.pem",
        "AWS_ENDPOINT_URL_S3=http://127.0.0.1:1\nAWS_ACCESS_KEY_ID=a\nAWS_SECRET_ACCESS_KEY=b",
        "AWS_ENDPOINT_URL=http://127.0.0.1:1\nAWS_ENDPOINT_URL_S3=https://evil.example\n"
            + "AWS_ACCESS_KEY_ID=a\nAWS_SECRET_ACCESS_KEY=b",
    ])
    func `names an account only with an endpoint on this machine and its keys`(text: String) {
        for isNamed in [true, false] {
            #expect {
                try join(text, isNamed: isNamed)
            } throws: {
                "\($0)".contains(Self.path) && "\($0)".contains("--endpoint-url")
            }
        }
    }

    @Test func `with another endpoint is used for its names only, when a flag has the endpoint`()
        throws
    {
        let joined = try join(
            "AWS_ENDPOINT_URL=https://a.example\nAWS_ACCESS_KEY_ID=a\nSPOTRENDER_TABLE=t",
            ["AWS_ACCESS_KEY_ID": "mine"], flag: "https://a.example")
        #expect(joined == ["AWS_ACCESS_KEY_ID": "mine", "SPOTRENDER_TABLE": "t"])
    }

    @Test func `keeps its keys from the endpoint in the environment`() throws {
        let own = ["AWS_ENDPOINT_URL": "http://127.0.0.1:2", "AWS_ACCESS_KEY_ID": "mine"]
        let text = """
            AWS_ENDPOINT_URL=http://127.0.0.1:1
            AWS_ACCESS_KEY_ID=a
            AWS_SECRET_ACCESS_KEY=b
            """
        #expect(try join(text, own) == own)
        #expect(try join(text, own, isNamed: true)["AWS_ACCESS_KEY_ID"] == "a")
        let proxied = try join(text, own, isNamed: true, flag: "http://localhost:3")
        #expect(proxied["AWS_ACCESS_KEY_ID"] == "a")
    }

    @Test(arguments: [
        ("http://127.0.0.1:4566", true), ("https://localhost", true), ("http://[::1]:1/x", true),
        ("http://127.9.9.9/", true), ("http://127.0.0.1.evil.example", false),
        ("http://127.0.0.1@evil.example", false), ("http://evil.example#127.0.0.1", false),
        ("http://127.1", false), ("http://127.0.0.01", false), ("http://[::1].evil.example", false),
        ("http://localhost.evil.example", false), ("http://10.0.0.1", false), ("127.0.0.1", false),
        ("ftp://127.0.0.1", false), ("http://evil.example\\@127.0.0.1", false), ("", false),
    ])
    func `is of this machine by its host`(url: String, isLoopback: Bool) {
        #expect(FarmFile.isLoopback(url) == isLoopback)
    }
}

@Suite struct `The search for a farm` {
    typealias Facts = FarmAddress.Facts

    /// A disk of files that belong to user 1000, except those in `facts`.
    private func search(
        from folder: String, _ paths: [String], facts: [String: Facts] = [:]
    ) -> FarmSearch {
        FarmSearch(
            from: folder, home: "/home/a",
            FarmAddress.Files(
                read: { paths.contains($0) ? "" : nil },
                list: { folder in
                    paths.filter { $0.hasPrefix(folder + "/") }.map {
                        String($0.dropFirst(folder.count + 1))
                    }
                },
                facts: { path in
                    let isFile = paths.contains(path)
                    guard isFile || paths.contains(where: { $0.hasPrefix(path + "/") }) else {
                        return nil
                    }
                    let mode: UInt32 = isFile ? 0o100644 : 0o040755
                    return facts[path] ?? Facts(owner: 1000, group: 1000, mode: mode)
                }, user: 1000))
    }

    @Test(arguments: [
        ("/home/a/film/shot", "/home/a/.spotrender/x.env", true),
        ("/home/a/film/shot", "/home/.spotrender/x.env", false),
        ("/home/a/film/shot", "/.spotrender/x.env", false),
        ("/tmp/film/shot", "/tmp/.spotrender/x.env", false),
        ("/tmp/film/shot", "/tmp/film/shot/.spotrender/x.env", true),
        ("/srv/repo/shot", "/srv/repo/.spotrender/x.env", true),
        ("/srv/repo/shot", "/srv/.spotrender/x.env", false),
        ("/home/a/repo/shot", "/home/a/.spotrender/x.env", false),
    ])
    func `ends at the repository or the home folder`(
        folder: String, file: String, isFound: Bool
    ) {
        let found = search(
            from: folder, [file, "/srv/repo/.git/HEAD", "/home/a/repo/.git/HEAD"])
        #expect(found.known == (isFound ? ["x": file] : [:]))
    }

    @Test(arguments: [
        ("/home/a", Facts(owner: 1001, group: 1001, mode: 0o040755)),
        ("/home/a", Facts(owner: 1000, group: 100, mode: 0o040777)),
        ("/home/a/.spotrender", Facts(owner: 1000, group: 100, mode: 0o040775)),
        ("/home/a/.spotrender", Facts(owner: 1001, group: 1001, mode: 0o040755)),
        ("/home/a/.spotrender/x.env", Facts(owner: 1001, group: 1001, mode: 0o100644)),
        ("/home/a/.spotrender/x.env", Facts(owner: 1000, group: 1000, mode: 0o100666)),
    ])
    func `reads nothing that another user can change`(path: String, facts: Facts) {
        let found = search(
            from: "/home/a", ["/home/a/.spotrender/x.env"], facts: [path: facts])
        #expect(found.known.isEmpty && found.untrusted == [path])
        #expect(throws: FarmAddressError.untrusted([path])) { try found.file(nil) }
    }

    @Test(arguments: [
        Facts(owner: 0, group: 0, mode: 0o040775), Facts(owner: 1000, group: 1000, mode: 0o040775),
    ])
    func `trusts root and the user's own group`(facts: Facts) {
        let found = search(
            from: "/home/a", ["/home/a/.spotrender/x.env"], facts: ["/home/a/.spotrender": facts])
        #expect(found.known.count == 1)
    }

    @Test func `opens no pipe`() {
        let path = "/home/a/.spotrender/x.env"
        let pipe = Facts(owner: 1000, group: 1000, mode: 0o010600)
        #expect(search(from: "/home/a", [path], facts: [path: pipe]).known.isEmpty)
    }
}
