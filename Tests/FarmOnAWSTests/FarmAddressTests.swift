import Testing

@testable import FarmOnAWS

@Suite struct `A farm's address` {
    private static let disk = [
        "/home/a/film/.spotrender/spotrender.env":
            "export AWS_REGION=eu-central-1\nexport SPOTRENDER_TABLE=cloud\n",
        "/home/a/film/.spotrender/local/env.sh":
            "export AWS_ACCESS_KEY_ID=AKIALOCAL\nexport SPOTRENDER_TABLE='local'\n",
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
            })
    }

    private func table(
        _ address: FarmAddress = FarmAddress(), _ environment: [String: String] = [:],
        from folder: String
    ) throws -> String? {
        try address.environment(inheriting: environment, from: folder, Self.files(Self.disk))[
            "SPOTRENDER_TABLE"]
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
            "AWS_ACCESS_KEY_ID": "AKIAREAL", "AWS_REGION": "us-east-1", "PATH": "/bin",
        ]
        let files = Self.files(Self.disk)
        let film = "/home/a/film"
        let local = try FarmAddress(stack: "local").environment(
            inheriting: inherited, from: film, files)
        #expect(local["AWS_ACCESS_KEY_ID"] == "AKIALOCAL")
        #expect(local["PATH"] == "/bin")
        let cloud = try FarmAddress(stack: "spotrender").environment(
            inheriting: inherited, from: film, files)
        #expect(cloud["AWS_REGION"] == "eu-central-1")
        #expect(cloud["AWS_ACCESS_KEY_ID"] == "AKIAREAL")
        let flags = try FarmAddress(
            stack: "spotrender", region: "eu-west-1", profile: "work",
            endpointURL: "http://127.0.0.1:1"
        ).environment(inheriting: inherited, from: film, files)
        #expect(flags["AWS_REGION"] == "eu-west-1" && flags["AWS_DEFAULT_REGION"] == "eu-west-1")
        #expect(flags["AWS_PROFILE"] == "work" && flags["AWS_ACCESS_KEY_ID"] == nil)
        #expect(flags["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1")
    }
}
