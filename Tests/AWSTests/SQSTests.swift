import HTTP
import Testing

@testable import AWS

@Suite struct `An SQS queue` {
    private let queue = "https://sqs.us-east-1.amazonaws.com/1/tasks"

    @Test func `receives a message in JSON 1.0`() async throws {
        let transport = ScriptedTransport(.json(#"{"MessageId":"m-1","MD5OfMessageBody":"x"}"#))
        let id = try await SQS(.test(transport)).sendMessage(
            queue: queue, body: #"{"job":"a/b"}"#, delaySeconds: 5)
        #expect(id == "m-1")
        let request = transport.requests[0]
        #expect(request.method == .post)
        #expect(request.url == "https://sqs.us-east-1.amazonaws.com/")
        #expect(request.header("X-Amz-Target") == "AmazonSQS.SendMessage")
        #expect(request.header("Content-Type") == "application/x-amz-json-1.0")
        #expect(
            request.text == """
                {"DelaySeconds":5,"MessageBody":"{\\"job\\":\\"a/b\\"}",\
                "QueueUrl":"https://sqs.us-east-1.amazonaws.com/1/tasks"}
                """)
    }

    @Test func `names the messages of a batch that it did not accept`() async throws {
        let transport = ScriptedTransport(
            .json(
                """
                {"Successful":[{"Id":"0","MessageId":"m","MD5OfMessageBody":"x"}],"Failed":[\
                {"Id":"1","SenderFault":false,"Code":"InternalError","Message":"later"}]}
                """))
        let failures = try await SQS(.test(transport)).sendMessageBatch(
            queue: "q", [.init(body: "a"), .init(body: "b", delaySeconds: 0)])
        #expect(
            failures == [
                .init(index: 1, code: "InternalError", message: "later", isSenderFault: false)
            ])
        #expect(
            transport.requests[0].text == """
                {"Entries":[{"Id":"0","MessageBody":"a"},\
                {"DelaySeconds":0,"Id":"1","MessageBody":"b"}],"QueueUrl":"q"}
                """)
    }

    @Test func `has a time limit longer than its wait`() async throws {
        let transport = ScriptedTransport(
            .json(
                """
                {"Messages":[{"MessageId":"m","ReceiptHandle":"r","Body":"b","MD5OfBody":"x",\
                "Attributes":{"ApproximateReceiveCount":"3"}}]}
                """))
        let messages = try await SQS(.test(transport)).receiveMessages(
            queue: "q", countMax: 2, waitSeconds: 20, visibilitySeconds: 120)
        #expect(messages == [.init(id: "m", body: "b", receipt: "r", receiveCount: 3)])
        let request = transport.requests[0]
        #expect(
            request.text == """
                {"MaxNumberOfMessages":2,"MessageSystemAttributeNames":\
                ["ApproximateReceiveCount"],"QueueUrl":"q","VisibilityTimeout":120,\
                "WaitTimeSeconds":20}
                """)
        #expect(request.bounds.total == .seconds(30))
        #expect(request.bounds.stall == .seconds(30))
    }

    @Test(arguments: ["{}", "", #"{"Messages":[]}"#])
    func `may be empty`(_ answer: String) async throws {
        let messages = try await SQS(.test(ScriptedTransport(.json(answer))))
            .receiveMessages(queue: "q")
        #expect(messages.isEmpty)
    }

    @Test func `deletes messages, hides them and makes them visible`() async throws {
        let transport = ScriptedTransport(.json(""), .json("{}"))
        let sqs = try SQS(.test(transport))
        try await sqs.deleteMessage(queue: "q", receipt: "r/+=")
        try await sqs.changeMessageVisibility(queue: "q", receipt: "r", seconds: 0)
        #expect(transport.requests[0].text == #"{"QueueUrl":"q","ReceiptHandle":"r/+="}"#)
        #expect(
            transport.requests[1].text
                == #"{"QueueUrl":"q","ReceiptHandle":"r","VisibilityTimeout":0}"#)
        #expect(
            transport.requests.map { $0.header("X-Amz-Target") } == [
                "AmazonSQS.DeleteMessage", "AmazonSQS.ChangeMessageVisibility",
            ])
    }

    @Test func `counts its messages`() async throws {
        let transport = ScriptedTransport(
            .json(
                """
                {"Attributes":{"ApproximateNumberOfMessages":"7",\
                "ApproximateNumberOfMessagesNotVisible":"2",\
                "ApproximateNumberOfMessagesDelayed":"1"}}
                """), .json("{}"))
        let sqs = try SQS(.test(transport))
        #expect(try await sqs.depth(queue: "q") == .init(waiting: 7, inFlight: 2, delayed: 1))
        let error = await #expect(throws: AWSError.self) { try await sqs.depth(queue: "q") }
        #expect(error?.code == "UnreadableAnswer")
    }
}
