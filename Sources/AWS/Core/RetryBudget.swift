internal import Synchronization

/// A bucket of tokens that retries spend and successes refill. It keeps retries from overloading a
/// service that has a fault. The figures are those of AWS's standard mode.
final class RetryBudget: Sendable {
    static let capacity = 500

    /// The tokens that an attempt spends or gives back.
    enum Price: Int, Sendable {
        case retry = 5
        case retryAfterTimeout = 10
        /// A call that succeeded without a retry.
        case success = 1
    }

    private let tokens = Mutex(RetryBudget.capacity)

    /// Returns `false` when too few tokens are left. The call then fails with its last error.
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
