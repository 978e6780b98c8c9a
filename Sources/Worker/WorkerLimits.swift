package import Farm

/// The worker's bounds, each with its reason.
package struct WorkerLimits: Hashable, Sendable {
    package var lease: LeaseTerms
    /// Whether the farm may have On-Demand instances. Without them Spot workers also take the tasks
    /// that are interrupted often.
    package var hasOnDemand: Bool
    package var drain = DrainPolicy()
    /// A worker finds within this time that its task was canceled, and ends Blender. Each check
    /// reads one small item: 900 reads an hour. A million cost $0.125 (us-east-1, 2025), so the
    /// checks cost $0.0001 an hour beside an instance of $0.15.
    package var holdInterval: Duration = .seconds(4)
    package var slices = SlicePolicy()
    /// An idle worker makes six requests a minute, and notices a drain within this time.
    package var receiveWait: Duration = .seconds(10)
    /// How long a frame may take before the worker ends Blender.
    package var frame = FrameLimitPolicy()
    /// The metadata service is on the same machine; AWS advises five seconds at most.
    package var noticeInterval: Duration = .seconds(2)
    /// An instance that EC2 recommends to leave begins no longer task during the cooling time. EC2
    /// never withdraws a recommendation and mostly does not act on it.
    package var coolTaskDurationMax: Duration = .seconds(120)
    /// Pause between two messages during the cooling time. A message that is left to other workers
    /// counts as received, and after fifty receives it becomes a dead letter.
    package var coolingPause: Duration = .seconds(60)
    /// How long a message stays hidden when another worker should take its task, because the task
    /// failed here. Others wait only briefly, and the message is received only a few times before
    /// this worker takes the task after all.
    package var leavingDuration: Duration = .seconds(10)
    /// Bytes of a stored log. The end is kept, because it contains the reason of a failure.
    package var logBytesMax = 4 << 20
    /// Scenes kept on disk. The oldest is removed first.
    package var cachedScenesMax = 4
    /// Faults of the services in a row, with growing pauses between, before the worker gives up.
    /// Its supervisor restarts it.
    package var faultsInARowMax = 10
    package var faultDelayMax: Duration = .seconds(30)

    package init(lease: LeaseTerms = LeaseTerms(), hasOnDemand: Bool = true) {
        self.lease = lease
        self.hasOnDemand = hasOnDemand
    }
}
