import FoundationEssentials
import HTTP
import Testing

@testable import AWS

@Suite struct `The credentials chain` {
    private static let nowhere = ["HOME": "/nowhere", "AWS_EC2_METADATA_DISABLED": "true"]

    private func credentials(
        _ environment: [String: String], _ transport: ScriptedTransport = ScriptedTransport()
    ) async throws -> Credentials {
        try await CredentialsChain(
            environment: Self.nowhere.merging(environment) { $1 }, transport: transport,
            timing: TestTiming().timing
        ).credentials()
    }

    @Test func `reads the environment first`() async throws {
        let found = try await credentials([
            "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "S", "AWS_SESSION_TOKEN": "T",
            "AWS_PROFILE": "other", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/keys",
        ])
        #expect(found == Credentials(accessKeyID: "A", secretAccessKey: "S", sessionToken: "T"))
    }

    @Test func `stops at an access key without a secret`() async throws {
        let error = await #expect(throws: CredentialsError.self) {
            try await credentials(["AWS_ACCESS_KEY_ID": "A"])
        }
        #expect(error?.attempts.map(\.source) == ["environment"])
    }

    @Test(arguments: [
        ([:], "default-key"), (["AWS_PROFILE": "farm"], "farm-key"),
        (["AWS_DEFAULT_PROFILE": "config only"], "config-key"),
    ])
    func `reads the shared profile`(
        _ environment: [String: String], _ key: String
    ) async throws {
        try await withProfiles { files in
            let found = try await credentials(files.merging(environment) { $1 })
            #expect(found.accessKeyID == key)
            #expect(found.secretAccessKey == "a/b=c#d")
            #expect(found.sessionToken == (key == "farm-key" ? "tok" : nil))
        }
    }

    @Test func `reads the region from the profile's config`() async throws {
        try await withProfiles { files in
            let region = try Endpoints.region(
                environment: files.merging(["AWS_PROFILE": "farm"]) { $1 })
            #expect(region == "eu-west-3")
        }
    }

    @Test(arguments: [
        ("absent", "no profile \"absent\""), ("login", "sso_session"),
        ("half", "lacks aws_secret_access_key"),
    ])
    func `stops at a named profile that it can't use`(
        _ profile: String, _ reason: String
    ) async throws {
        try await withProfiles { files in
            let error = await #expect(throws: CredentialsError.self) {
                try await credentials(files.merging(["AWS_PROFILE": profile]) { $1 })
            }
            #expect(error?.attempts.last?.outcome.contains(reason) == true)
        }
    }

    @Test func `asks the container's agent with the token`() async throws {
        try await withProfiles { files in
            let token = try #require(files["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"])
            let transport = ScriptedTransport(
                .json(
                    """
                    {"AccessKeyId":"A","SecretAccessKey":"S","Token":"T",\
                    "Expiration":"2015-08-30T18:00:00Z","RoleArn":"arn"}
                    """))
            let found = try await credentials(
                [
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:80/keys?a=b",
                    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": token,
                ], transport)
            #expect(found.expiration == UTCTime(iso8601: "2015-08-30T18:00:00Z"))
            #expect(transport.requests[0].url == "http://127.0.0.1:80/keys?a=b")
            #expect(transport.requests[0].header("Authorization") == "Bearer x")
        }
    }

    @Test func `knows the address of the ECS agent`() async throws {
        let transport = ScriptedTransport(
            .json(#"{"AccessKeyId":"A","SecretAccessKey":"S","Token":"T"}"#))
        _ = try await credentials(
            ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/keys"], transport)
        #expect(transport.requests[0].url == "http://169.254.170.2/v2/keys")
    }

    @Test(arguments: ["http://evil.example/", "http://127.0.0.1.evil.example/", "ftp://localhost/"])
    func `sends no token over plain HTTP to another machine`(_ url: String) async throws {
        let transport = ScriptedTransport()
        let error = await #expect(throws: CredentialsError.self) {
            try await credentials(["AWS_CONTAINER_CREDENTIALS_FULL_URI": url], transport)
        }
        #expect(error?.attempts.last?.outcome.contains("must be https") == true)
        #expect(transport.requests.isEmpty)
    }

    @Test func `asks the instance last`() async throws {
        let transport = ScriptedTransport(
            .json("token"), .json("worker-role\n"),
            .json(
                """
                {"Code":"Success","LastUpdated":"2015-08-30T12:00:00Z","Type":"AWS-HMAC",\
                "AccessKeyId":"A","SecretAccessKey":"S","Token":"T",\
                "Expiration":"2015-08-30T18:00:00Z"}
                """))
        let found = try await credentials(["AWS_EC2_METADATA_DISABLED": ""], transport)
        #expect(found.accessKeyID == "A")
        #expect(
            transport.requests.map(\.url) == [
                "http://169.254.169.254/latest/api/token",
                "http://169.254.169.254/latest/meta-data/iam/security-credentials/",
                "http://169.254.169.254/latest/meta-data/iam/security-credentials/worker-role",
            ])
    }

    @Test func `lists the sources and the next step in its error`() async throws {
        let error = await #expect(throws: CredentialsError.self) { try await credentials([:]) }
        #expect(
            error?.attempts.map(\.source) == [
                "environment", "shared profile", "container", "instance (IMDSv2)",
            ])
        let text = error?.description ?? ""
        #expect(text.contains("AWS_ACCESS_KEY_ID is not set"))
        #expect(text.contains("/nowhere/.aws/credentials"))
        #expect(text.contains("switched off by AWS_EC2_METADATA_DISABLED"))
        #expect(text.contains("Set AWS_ACCESS_KEY_ID"))
    }

    @Test(arguments: [
        (#"{"Code":"AssumeRoleUnauthorizedAccess","Message":"trust"}"#, "trust"),
        ("<html>", "not have the format"), ("{}", "no keys"),
        (#"{"AccessKeyId":"A","SecretAccessKey":"S","Expiration":"soon"}"#, "not a time"),
    ])
    func `refuses keys from a malformed answer`(_ answer: String, _ reason: String) async throws {
        let error = await #expect(throws: CredentialsError.self) {
            try await credentials(
                ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/k"], ScriptedTransport(.json(answer)))
        }
        #expect(error?.attempts.last?.outcome.contains(reason) == true)
    }
}

@Suite struct `Access keys` {
    @Test func `are never printed`() {
        let credentials = Credentials(
            accessKeyID: "AKID", secretAccessKey: "secret", sessionToken: "token")
        var dumped = ""
        dump(credentials, to: &dumped)
        for text in ["\(credentials)", String(reflecting: credentials), "\([credentials])", dumped]
        {
            #expect(text.contains("<redacted>"))
            #expect(!text.contains("secret") && !text.contains("token") && !text.contains("AKID"))
        }
    }
}

/// A folder with profiles like a user's. It is removed when the test ends.
private func withProfiles(_ use: ([String: String]) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(
        path: "spotrender-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(
        """
        # keys
        [default]
        aws_access_key_id = default-key
        aws_secret_access_key=a/b=c#d
        [farm]
        AWS_ACCESS_KEY_ID=farm-key ; a comment
        aws_secret_access_key =   a/b=c#d   # another
        aws_session_token = tok
        [half]
        aws_access_key_id = half
        """.utf8
    ).write(to: folder.appending(path: "credentials"))
    try Data(
        """
        [default]
        region = us-west-2
        [profile farm]
        region = eu-west-3
        s3 =
            addressing_style = path
        aws_access_key_id = shadowed
        [profile   config only]
        aws_access_key_id = config-key
        aws_secret_access_key = a/b=c#d
        [profile login]
        sso_session = corp
        """.utf8
    ).write(to: folder.appending(path: "config"))
    try Data("Bearer x".utf8).write(to: folder.appending(path: "token"))
    let path = folder.path(percentEncoded: false)
    try await use([
        "AWS_SHARED_CREDENTIALS_FILE": "\(path)/credentials", "AWS_CONFIG_FILE": "\(path)/config",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "\(path)/token",
    ])
    try FileManager.default.removeItem(at: folder)
}
