internal import FoundationEssentials

/// A write that DynamoDB did not do: because a condition didn't hold, which is an answer, or
/// because the call failed, which is none.
package enum DynamoDBError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The condition didn't hold. The item is what stands there, `nil` when nothing does.
    case conditionFailed(item: DynamoDB.Item?)
    /// Nothing of a transaction was done. One reason for each write, in its order.
    case transactionCanceled([CancellationReason])
    case call(AWSError)

    /// Why one write of a canceled transaction was not done.
    package enum CancellationReason: Hashable, Sendable {
        /// Nothing was wrong with this one.
        case none
        case conditionFailed(item: DynamoDB.Item?)
        /// Another transaction or write had this item at that moment: try again.
        case conflict
        /// Too much at once: try again later.
        case throttled(code: String)
        case other(code: String, message: String)
    }

    /// The same write may succeed later, as it stands.
    package var isRetryable: Bool {
        switch self {
        case .conditionFailed: false
        case .transactionCanceled(let reasons):
            reasons.allSatisfy {
                switch $0 {
                case .none, .conflict, .throttled: true
                case .conditionFailed, .other: false
                }
            }
        case .call(let error): error.isRetryable
        }
    }

    package var description: String {
        switch self {
        case .conditionFailed: "DynamoDB's condition didn't hold. Read the item and decide anew."
        case .transactionCanceled(let reasons):
            "DynamoDB canceled the transaction ("
                + reasons.enumerated().map { "\($0.offset): \($0.element.name)" }
                .joined(separator: ", ") + "). Read the items and decide anew."
        case .call(let error): error.description
        }
    }
}

extension DynamoDBError.CancellationReason {
    var name: String {
        switch self {
        case .none: "fine"
        case .conditionFailed: "condition failed"
        case .conflict: "conflict"
        case .throttled(let code): code
        case .other(let code, let message): "\(code) \(message)"
        }
    }

    init(code: String, message: String?, item: DynamoDB.Item?) {
        self =
            switch code {
            case "None": .none
            case "ConditionalCheckFailed": .conditionFailed(item: item)
            case "TransactionConflict": .conflict
            case "ProvisionedThroughputExceeded", "ThrottlingError": .throttled(code: code)
            default: .other(code: code, message: message ?? "")
            }
    }
}

extension DynamoDBError {
    private struct Document: Decodable {
        struct Reason: Decodable {
            let code: String?
            let message: String?
            let item: DynamoDB.Item?

            private enum CodingKeys: String, CodingKey {
                case code = "Code"
                case message = "Message"
                case item = "Item"
            }
        }

        let item: DynamoDB.Item?
        let reasons: [Reason]?

        private enum CodingKeys: String, CodingKey {
            case item = "Item"
            case reasons = "CancellationReasons"
        }
    }

    /// Tells a condition that didn't hold from a call that failed.
    init(_ error: AWSError) {
        guard
            ["ConditionalCheckFailedException", "TransactionCanceledException"]
                .contains(error.code)
        else {
            self = .call(error)
            return
        }
        let document: Document
        do {
            document = try JSONDecoder().decode(Document.self, from: Data(error.body))
        } catch {
            // The code alone says what matters; the item only saves a read.
            document = Document(item: nil, reasons: nil)
        }
        if error.code == "ConditionalCheckFailedException" {
            self = .conditionFailed(item: document.item)
        } else if let reasons = document.reasons {
            self = .transactionCanceled(
                reasons.map {
                    CancellationReason(code: $0.code ?? "None", message: $0.message, item: $0.item)
                })
        } else {
            self = .call(error)
        }
    }
}
