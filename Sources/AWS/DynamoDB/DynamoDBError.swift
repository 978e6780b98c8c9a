internal import FoundationEssentials

/// A write that DynamoDB did not do: a condition did not hold, or the call failed.
package enum DynamoDBError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The condition did not hold. `item` is the stored item, or `nil` when there is none.
    case conditionFailed(item: DynamoDB.Item?)
    /// DynamoDB did none of the transaction's writes. There is one reason for each write, in order.
    case transactionCanceled([CancellationReason])
    case call(AWSError)

    /// The reason for one write of a canceled transaction.
    package enum CancellationReason: Hashable, Sendable {
        /// This write could have been done.
        case none
        case conditionFailed(item: DynamoDB.Item?)
        /// Another transaction or write used this item at the same time. Try again.
        case conflict
        /// Too many requests. Try again later.
        case throttled(code: String)
        case other(code: String, message: String)
    }

    /// Whether the same write may succeed later.
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
        case .conditionFailed: "DynamoDB's condition did not hold. Read the item and decide again."
        case .transactionCanceled(let reasons):
            "DynamoDB canceled the transaction ("
                + reasons.enumerated().map { "\($0.offset): \($0.element.name)" }
                .joined(separator: ", ") + "). Read the items and decide again."
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
            case _ where ErrorKind.kinds[code] == .throttled: .throttled(code: code)
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

    /// Separates a condition that did not hold from a call that failed.
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
            // The code is enough. The item only saves a read.
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
