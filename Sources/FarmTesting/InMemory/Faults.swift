package import Farm
import Synchronization

/// Makes chosen port calls fail, and counts them all.
///
/// The in-memory ports of one test share one value, so that "the n-th call" counts across all of
/// them. `stop(after:)` with 0, 1, 2, … kills the caller in every gap between two calls.
package final class Faults: Sendable {
    private struct Plan {
        var callsSoFar = 0
        var callsByOperation: [PortOperation: Int] = [:]
        var failures: [PortOperation: [Int: PortError]] = [:]
        var lastCall: Int?
        var isBroken: [PortOperation: PortError] = [:]
    }

    private let plan = Mutex(Plan())
    private let turnstile: InterleavingScheduler?

    /// - Parameter turnstile: Holds calls before they are counted.
    package init(turnstile: InterleavingScheduler? = nil) {
        self.turnstile = turnstile
    }

    /// The number of calls so far, with failed ones.
    package var callCount: Int { plan.withLock { $0.callsSoFar } }

    package func callCount(of operation: PortOperation) -> Int {
        plan.withLock { $0.callsByOperation[operation, default: 0] }
    }

    /// Lets the `nth` call of an operation (counted from 1, from the start) fail and do nothing.
    package func fail(
        _ operation: PortOperation, onCall nth: Int = 1, with error: PortError? = nil
    ) {
        plan.withLock {
            $0.failures[operation, default: [:]][nth] = error ?? Self.planned(operation)
        }
    }

    /// Lets every call of an operation fail from now on, until `mend`.
    package func breakDown(_ operation: PortOperation, with error: PortError? = nil) {
        plan.withLock { $0.isBroken[operation] = error ?? Self.planned(operation) }
    }

    package func mend(_ operation: PortOperation) {
        plan.withLock { $0.isBroken[operation] = nil }
    }

    /// Lets `count` more calls through, then fails every call, as if the caller had been killed.
    package func stop(after count: Int) {
        plan.withLock { $0.lastCall = $0.callsSoFar + count }
    }

    /// Ends `stop(after:)`: calls succeed again.
    package func resume() {
        plan.withLock { $0.lastCall = nil }
    }

    /// Each port calls this before it does anything.
    func enter(_ operation: PortOperation) async throws(PortError) {
        try await turnstile?.pass()
        let error = plan.withLock { plan -> PortError? in
            plan.callsSoFar += 1
            let nth = plan.callsByOperation[operation, default: 0] + 1
            plan.callsByOperation[operation] = nth
            if let last = plan.lastCall, plan.callsSoFar > last {
                return PortError(.unavailable, operation.rawValue, "the caller was stopped here")
            }
            return plan.isBroken[operation] ?? plan.failures[operation]?[nth]
        }
        if let error { throw error }
    }

    private static func planned(_ operation: PortOperation) -> PortError {
        PortError(.unavailable, operation.rawValue, "the test planned this fault")
    }
}

/// Every call of every port, for `Faults`.
package enum PortOperation: String, Hashable, Sendable, CaseIterable {
    case createJob = "create a job"
    case readJob = "read a job"
    case replaceJob = "replace a job"
    case noteOnJob = "remark on a job"
    case listOpenJobs = "list open jobs"
    case listSettledJobs = "list settled jobs"
    case listUnnotifiedJobs = "list jobs nobody was told of"
    case claimNotification = "claim the telling of a job"
    case markNotified = "mark a job as told"
    case createTasks = "create tasks"
    case readTask = "read a task"
    case commitTask = "commit a task"
    case listTasks = "list tasks"
    case listHeldTasks = "list held tasks"
    case listAttempts = "list attempts"
    case sendMessages = "send messages"
    case receiveMessages = "receive messages"
    case extendMessage = "extend a message"
    case deleteMessage = "delete a message"
    case deadLetter = "dead-letter a task"
    case receiveDeadLetters = "receive dead letters"
    case deleteDeadLetter = "delete a dead letter"
    case readDepth = "read the queue's depth"
    case findScene = "find a scene"
    case readScene = "read a scene"
    case downloadScene = "download a scene"
    case findFrame = "find a frame"
    case listFrames = "list frames"
    case readFrame = "read a frame"
    case storeFrame = "store a frame"
    case storeFile = "store a file beside the frames"
    case storeLog = "store a log"
    case storeSlice = "store a slice"
    case listSlices = "list slices"
    case readSlice = "read a slice"
    case readShares = "read shares"
    case agreeOnShares = "agree on shares"
    case removeSlices = "remove slices"
    case saveWorker = "save a worker"
    case readWorker = "read a worker"
    case listWorkers = "list workers"
    case readGroup = "read a group"
    case endInstance = "end an instance"
    case readMemory = "read the fleet's memory"
    case saveMemory = "save the fleet's memory"
    case noteRefusal = "note a refusal"
    case listRefusals = "list refusals"
    case noteReclaim = "note a reclaim"
    case listReclaims = "list reclaims"
    case setDesired = "set the fleet's desired capacity"
    case readPrices = "read the instance's prices"
    case protect = "protect an instance"
    case completeAction = "complete a lifecycle action"
    case announce = "announce"
    case readNotice = "read the notice"
    case recordNotice = "record a notice"
    case listNotices = "list notices"
}
