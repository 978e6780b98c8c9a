package import AWS
package import Farm

/// Sends messages to the subscribers of an SNS topic.
package struct SNSAnnouncer: Announcer {
    private let sns: SNS
    private let topic: String

    package init(_ sns: SNS, topic: String) {
        self.sns = sns
        self.topic = topic
    }

    package func announce(subject: String, message: String) async throws(PortError) {
        do throws(AWSError) {
            try await sns.publish(topic: topic, subject: subject, message: message)
        } catch {
            throw PortError(error, "publish to \(topic)")
        }
    }
}
