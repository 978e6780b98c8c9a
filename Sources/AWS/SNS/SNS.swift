/// SNS: publishes messages to a topic's subscribers. Source: API version 2010-03-31.
package struct SNS: Sendable {
    let service: ServiceClient

    package init(_ client: AWSClient) {
        service = ServiceClient(client, .sns)
    }

    /// - Parameters:
    ///   - topic: the topic's ARN.
    ///   - subject: up to 100 ASCII characters without line breaks.
    ///   - message: up to 256 KiB.
    package func publish(topic: String, subject: String, message: String) async throws(AWSError) {
        _ = try await service.query(
            "Publish", [("TopicArn", topic), ("Subject", subject), ("Message", message)])
    }
}
