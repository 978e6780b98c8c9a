/// A task's place in its job; numbers count from 1.
package struct TaskID: Hashable, Sendable, CustomStringConvertible {
    package let job: JobID
    package let number: Int

    package init(job: JobID, number: Int) {
        self.job = job
        self.number = number
    }

    package var description: String { "\(job)/\(number)" }
}

/// The EC2 instance id of the machine a worker runs on.
package struct WorkerID: Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String

    package init(_ rawValue: String) {
        self.rawValue = rawValue
    }

    package var description: String { rawValue }
}

/// Rises with every lease, so that a late write by an earlier holder is recognized.
package struct FencingToken: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: Int

    package init(_ rawValue: Int) {
        self.rawValue = rawValue
    }

    package static let unleased = FencingToken(0)

    package var next: FencingToken { FencingToken(rawValue + 1) }

    package static func < (left: FencingToken, right: FencingToken) -> Bool {
        left.rawValue < right.rawValue
    }

    package var description: String { String(rawValue) }
}

/// Instance type × Availability Zone. EC2 prices and reclaims per pool.
package struct Pool: Hashable, Sendable, CustomStringConvertible {
    package let instanceType: String
    package let zone: String

    package init(instanceType: String, zone: String) {
        self.instanceType = instanceType
        self.zone = zone
    }

    package var description: String { "\(instanceType)/\(zone)" }
}

/// A hint that a task waits. The task in the store decides. The token names the lease after which
/// the message was sent.
package struct TaskMessage: Hashable, Sendable {
    package let task: TaskID
    package let token: FencingToken
    /// The lane is not in the body: it follows from the queue.
    package let lane: QueueLane

    package init(task: TaskID, token: FencingToken, lane: QueueLane = .shared) {
        self.task = task
        self.token = token
        self.lane = lane
    }
}
