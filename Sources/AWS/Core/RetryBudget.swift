internal import Synchronization

/// A bucket of tokens that retries spend and successes refill, so that a service in trouble isn't
/// drowned in retries. Figures of AWS's standard mode.
final class RetryBudget: Sendable {
    static let capacity = 500

    /// What a try cost, or gives back.
    enum Price: Int, Sendable {
        case retry = 5
        case retryAfterTimeout = 10
        /// A call that succeeded without a retry.
        case success = 1
    }

    private let tokens = Mutex(RetryBudget.capacity)

    /// `false` when too little is left: then the call fails with the error it has.
    func spend(_ price: Price) -> Bool {
        tokens.withLock { tokens in
            guard tokens >= price.rawValue else { return false }
            tokens -= price.rawValue
            return true
        }
    }

    func giveBack(_ price: Price) {
        tokens.withLock { $0 = min($0 + price.rawValue, Self.capacity) }
    }
}
