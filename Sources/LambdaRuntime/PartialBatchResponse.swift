/// The messages of an SQS batch that Lambda delivers again. Lambda deletes the others.
///
/// For event source mappings with `ReportBatchItemFailures`. If the response is wrapped or
/// malformed, or has an empty identifier, Lambda delivers the whole batch again.
package struct PartialBatchResponse: Hashable, Sendable, Encodable {
    private struct Failure: Hashable, Sendable, Encodable {
        let itemIdentifier: String
    }

    private let batchItemFailures: [Failure]

    /// - Parameter failedMessageIDs: the `messageId` of each failed record. Empty when all
    ///   succeeded.
    package init(failedMessageIDs: [String]) {
        precondition(!failedMessageIDs.contains(""), "A message's ID is not empty.")
        batchItemFailures = failedMessageIDs.map(Failure.init)
    }

    package var body: [UInt8] { jsonBytes(self) }
}
