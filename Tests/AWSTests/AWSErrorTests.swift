import HTTP
import Testing

@testable import AWS

@Suite struct `An AWS error` {
    @Test(arguments: [
        (
            HTTPResponse.json(
                #"{"__type":"com.amazon.coral.service#AccessDeniedException","Message":"no"}"#,
                status: 400),
            "AccessDeniedException", "Allow sqs:SendMessage"
        ),
        (
            .json(#"{"__type":"ExpiredTokenException"}"#, status: 400),
            "ExpiredToken", "Log in again"
        ),
        (
            .json(
                #"{"__type":"InvalidSignatureException","message":"Signature expired: now"}"#,
                status: 400, headers: [HTTPField("Date", "Sun, 30 Aug 2015 14:00:00 GMT")]),
            "InvalidSignatureException",
            "The time here is 2015-08-30T12:36:00Z, at AWS Sun, 30 Aug 2015 14:00:00 GMT"
        ),
        (
            .json(#"{"__type":"UnrecognizedClientException","message":"no"}"#, status: 400),
            "UnrecognizedClientException", "Check the access key"
        ),
        (
            .json(#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"no"}"#, status: 400),
            "QueueDoesNotExist", "Check the name, and the region (us-east-1)"
        ),
        (.json("<html>Bad Gateway</html>", status: 404), "NotFound", "Check the name"),
    ])
    func `of JSON services names its code and the next step`(
        _ answer: HTTPResponse, _ code: String, _ nextStep: String
    ) async throws {
        let queue = try SQS(.test(ScriptedTransport(answer)))
        let error = await #expect(throws: AWSError.self) {
            try await queue.sendMessage(queue: "q", body: "b")
        }
        #expect(error?.code == code)
        #expect(error?.description.contains(nextStep) == true, "\(error?.description ?? "")")
    }

    @Test(arguments: [
        (
            HTTPResponse.xml(
                """
                <?xml version="1.0" encoding="UTF-8"?>
                <Error><Code>NoSuchBucket</Code><Message>The specified bucket does not exist\
                </Message><BucketName>b</BucketName><RequestId>R1</RequestId></Error>
                """, status: 404),
            "NoSuchBucket", "Check the bucket's name and its region (us-east-1)."
        ),
        (
            .xml(
                "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>",
                status: 403),
            "AccessDenied", "Allow s3:GetObject for these credentials"
        ),
        (
            .xml(
                "<Error><Code>RequestTimeTooSkewed</Code><Message>m</Message></Error>",
                status: 403),
            "RequestTimeTooSkewed", "Set this machine's clock"
        ),
        (
            .xml(
                "<Error><Code>PermanentRedirect</Code></Error>", status: 301,
                headers: [HTTPField("x-amz-bucket-region", "eu-west-1")]),
            "PermanentRedirect", "eu-west-1, not us-east-1"
        ),
        (HTTPResponse(status: 412), "PreconditionFailed", "Correct the request"),
        (HTTPResponse(status: 416), "InvalidRange", "Correct the request"),
    ])
    func `of S3 names its code and the next step`(
        _ answer: HTTPResponse, _ code: String, _ nextStep: String
    ) async throws {
        let files = try S3(.test(ScriptedTransport(answer)))
        let error = await #expect(throws: AWSError.self) {
            try await files.getObject(.init(bucket: "b", key: "k"))
        }
        #expect(error?.code == code)
        #expect(error?.nextStep.contains(nextStep) == true, "\(error?.nextStep ?? "")")
    }

    @Test func `of the query protocol is decoded`() async throws {
        let answer = HTTPResponse.xml(
            """
            <ErrorResponse xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/"><Error>\
            <Type>Sender</Type><Code>ValidationError</Code><Message>Group not found</Message>\
            </Error><RequestId>R2</RequestId></ErrorResponse>
            """, status: 400)
        let fleet = try AutoScaling(.test(ScriptedTransport(answer)))
        let error = await #expect(throws: AWSError.self) {
            try await fleet.setDesiredCapacity(group: "g", 1)
        }
        #expect(error?.code == "ValidationError")
        #expect(error?.message == "Group not found")
        #expect(error?.requestID == "R2")
    }

    @Test func `of EC2 is decoded`() async throws {
        let answer = HTTPResponse.xml(
            """
            <Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not\
             authorized</Message></Error></Errors><RequestID>R3</RequestID></Response>
            """, status: 403)
        let market = try EC2(.test(ScriptedTransport(answer)))
        let error = await #expect(throws: AWSError.self) {
            try await market.describeSpotPriceHistory(
                instanceTypes: ["c7i.large"], in: TestTiming.start...TestTiming.start)
        }
        #expect(
            error?.nextStep
                == "Allow ec2:DescribeSpotPriceHistory for these credentials, on this resource.")
        #expect(error?.requestID == "R3")
    }

    @Test func `names the next step when no endpoint answers`() async throws {
        let queue = try SQS(
            .test(ScriptedTransport([.failure(.fault(.tls, "certificate"))])))
        let error = await #expect(throws: AWSError.self) {
            try await queue.sendMessage(queue: "q", body: "b")
        }
        #expect(error?.code == "Unreachable")
        #expect(error?.nextStep.contains("clock and its certificates") == true)
        #expect(error?.underlying?.kind == .tls)
    }

    @Test func `of a transaction names the IAM actions`() async throws {
        let denied = HTTPResponse.json(#"{"__type":"x#AccessDeniedException"}"#, status: 400)
        let table = try DynamoDB(.test(ScriptedTransport(denied)))
        let error = await #expect(throws: DynamoDBError.self) {
            try await table.transactWrite([.put(.init(table: "t", item: ["pk": "a"]))])
        }
        #expect(error?.description.contains("Allow dynamodb:PutItem, ") == true)
    }

    @Test func `separates a body that is too large from an unreachable service`() async throws {
        let files = try S3(.test(ScriptedTransport([.failure(.fault(.bodyTooLarge))])))
        let error = await #expect(throws: AWSError.self) {
            try await files.getObject(.init(bucket: "b", key: "k"))
        }
        #expect(error?.code == "TooLarge")
        #expect(error?.nextStep == "Request less at a time.")
    }

    @Test func `never prints the answer's body`() async throws {
        let answer = HTTPResponse.json(
            #"{"__type":"ConditionalCheckFailedException","Item":{"a":{"S":"private"}}}"#,
            status: 400)
        let queue = try SQS(.test(ScriptedTransport(answer)))
        let error = await #expect(throws: AWSError.self) {
            try await queue.sendMessage(queue: "q", body: "b")
        }
        #expect(error?.description.contains("private") == false)
    }
}
