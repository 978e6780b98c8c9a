/// When a worker counts as silent. A worker reports once in each renewal interval, so the bounds
/// follow from the lease. The repair, the scaler and the reports all use them.
extension LeaseTerms {
    /// The worker has missed two reports. It may still be at work.
    package func isLate(after silence: Duration) -> Bool {
        silence > renewalInterval * 2
    }

    /// The worker is gone. A lease renewed together with its last report ran out one lease ago.
    package func isGone(after silence: Duration) -> Bool {
        silence > duration * 2
    }
}
