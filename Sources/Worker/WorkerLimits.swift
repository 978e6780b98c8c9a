package import Farm

/// Every bound the worker keeps, in one place, each with its reason.
package struct WorkerLimits: Hashable, Sendable {
    package var lease: LeaseTerms
    /// Whether the farm may have On-Demand instances: else Spot workers go on with what is interrupted often.
    package var hasOnDemand: Bool
    package var drain = DrainPolicy()
    /// So soon a worker finds that its task was canceled, and ends Blender. A look is one read of
    /// one small item: 900 an hour, of which a million cost $0.125 (us-east-1, 2025), so
    /// $0.0001 an hour beside an instance of $0.15.
    package var holdInterval: Duration = .seconds(4)
    package var slices = SlicePolicy()
    /// An idle worker costs six requests a minute, and hears of a drain within this time.
    package var receiveWait: Duration = .seconds(10)
    /// When a frame is taken for hung.
    package var frame = FrameLimitPolicy()
    /// The metadata service is on the same machine; AWS advises five seconds at most.
    package var noticeInterval: Duration = .seconds(2)
    /// While an instance cools after a rebalance recommendation, it begins no longer task.
    package var coolTaskDurationMax: Duration = .seconds(120)
    /// Between two messages while cooling: each one left to others counts as received, and a
    /// message has fifty such lives.
    package var coolingPause: Duration = .seconds(60)
    /// For so long a message stays hidden of a task that this worker failed and leaves to others: none of them
    /// waits long for it, and it is received a few times only until the worker takes it after all.
    package var leavingDuration: Duration = .seconds(10)
    /// What a log may hold when it is stored: its end, where the reason stands.
    package var logBytesMax = 4 << 20
    /// Scenes kept on disk; the oldest goes first.
    package var cachedScenesMax = 4
    /// Faults of the services in a row, with growing waits between, before the worker gives up
    /// and leaves the restart to its supervisor.
    package var faultsInARowMax = 10
    package var faultDelayMax: Duration = .seconds(30)

    package init(lease: LeaseTerms = LeaseTerms(), hasOnDemand: Bool = true) {
        self.lease = lease
        self.hasOnDemand = hasOnDemand
    }
}
