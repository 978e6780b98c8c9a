import HTTP
import Testing

@testable import AWS

@Suite struct `An endpoint` {
    @Test func `is AWS's regional endpoint by default`() throws {
        let endpoints = try Endpoints(region: "eu-central-1", environment: [:])
        #expect(
            endpoints.endpoint(of: .dynamoDB)
                == Endpoint(
                    scheme: "https", authority: "dynamodb.eu-central-1.amazonaws.com", path: "",
                    isOverride: false))
        let china = try Endpoints(region: "cn-north-1", environment: [:])
        #expect(china.endpoint(of: .sqs).authority == "sqs.cn-north-1.amazonaws.com.cn")
    }

    @Test func `of one service takes precedence over the common one`() throws {
        let endpoints = try Endpoints(
            region: "us-east-1",
            environment: [
                "AWS_ENDPOINT_URL": "http://127.0.0.1:4566/",
                "AWS_ENDPOINT_URL_AUTO_SCALING": "https://proxy.example/as",
                "AWS_ENDPOINT_URL_S3": "",
            ])
        #expect(endpoints.endpoint(of: .autoScaling).authority == "proxy.example")
        #expect(endpoints.endpoint(of: .autoScaling).path == "/as")
        #expect(endpoints.endpoint(of: .s3).authority == "127.0.0.1:4566")
        #expect(endpoints.endpoint(of: .s3).path == "")
    }

    @Test(arguments: ["127.0.0.1:4566", "ftp://x", "http://", "http://host/?a=b"])
    func `that is not a URL is refused`(_ url: String) {
        #expect(throws: AWSError.self) {
            try Endpoints(region: "us-east-1", environment: ["AWS_ENDPOINT_URL": url])
        }
    }

    @Test(arguments: [
        (
            ["AWS_REGION": "eu-west-1"], "scenes",
            "https://scenes.s3.eu-west-1.amazonaws.com/a%20b"
        ),
        (
            ["AWS_REGION": "eu-west-1"], "my.scenes",
            "https://s3.eu-west-1.amazonaws.com/my.scenes/a%20b"
        ),
        (
            ["AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:4566"], "scenes",
            "http://127.0.0.1:4566/scenes/a%20b"
        ),
    ])
    func `of a bucket depends on its name`(
        _ environment: [String: String], _ bucket: String, _ url: String
    ) async throws {
        let transport = ScriptedTransport(HTTPResponse(status: 204))
        try await S3(.test(transport, environment: environment))
            .deleteObject(.init(bucket: bucket, key: "a b"))
        #expect(transport.requests[0].url == url)
    }
}

@Suite struct `The region` {
    @Test func `comes from the environment`() throws {
        #expect(
            try Endpoints.region(environment: [
                "AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-east-1",
            ]) == "eu-west-1")
        #expect(
            try Endpoints.region(environment: ["AWS_DEFAULT_REGION": "us-east-1"]) == "us-east-1")
    }

    @Test func `must be set, and the error names the variable`() {
        let error = #expect(throws: AWSError.self) {
            try Endpoints.region(environment: ["HOME": "/nowhere"])
        }
        #expect(error?.nextStep.contains("Set AWS_REGION") == true)
    }

    @Test(arguments: ["evil.example/#", "US-EAST-1", "a b"])
    func `must not be able to change the host`(_ region: String) {
        #expect(throws: AWSError.self) {
            try Endpoints.region(environment: ["AWS_REGION": region])
        }
    }
}
