/// SNS: messages to the people who asked for them. Source: API version 2010-03-31.
package struct SNS: Sendable {
    let service: ServiceClient

    package init(_ client: AWSClient) {
        service = ServiceClient(client, .sns)
    }

    /// - Parameters:
    ///   - subject: Up to 100 characters of ASCII, without line breaks.
    ///   - message: Up to 256 KiB.
    package func publish(topic: String, subject: String, message: String) async throws(AWSError) {
        _ = try await service.query(
            "Publish", [("TopicArn", topic), ("Subject", subject), ("Message", message)])
    }
}
