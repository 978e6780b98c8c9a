/// Which messages of an SQS batch to deliver again; the rest are deleted.
///
/// For event source mappings with `ReportBatchItemFailures`. Bare, as Lambda wants it: a wrapped or
/// malformed one, or an empty identifier, makes Lambda deliver the whole batch again.
package struct PartialBatchResponse: Hashable, Sendable, Encodable {
    private struct Failure: Hashable, Sendable, Encodable {
        let itemIdentifier: String
    }

    private let batchItemFailures: [Failure]

    /// - Parameter failedMessageIDs: each record's `messageId`; none means the whole batch is done.
    package init(failedMessageIDs: [String]) {
        precondition(!failedMessageIDs.contains(""), "a message is named by its messageId")
        batchItemFailures = failedMessageIDs.map(Failure.init)
    }

    package var body: [UInt8] { jsonBytes(self) }
}
