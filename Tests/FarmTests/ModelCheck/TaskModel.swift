import Farm
import FarmTesting

/// One task in the store, its messages, and everyone who may touch them, as one value.
///
/// The rules are the real ones (`RenderTask.apply`); store, queue and programs are as small as can
/// be. One step is one call to the world outside, so a kill may come between any two. Time is the
/// adversary: a lease may be found expired at any moment, though its worker still renders, and a
/// received message may be received again at once, even after it was deleted, as SQS allows.
struct TaskModel: Hashable {
    /// What is broken on purpose, to show that the check can fail.
    enum Flaw: String, CaseIterable {
        /// A write goes through whatever the stored revision is.
        case writesAreUnconditional
        /// A worker writes with the token it finds in the store, not with its own.
        case tokensAreNotKept
        /// The repair never sends a message again.
        case nothingIsReminded
        /// The handler answers a warning as it answers an instance's end.
        case promisesAreForgotten
    }

    /// Where a program is between two calls.
    enum Place: Hashable {
        case idle
        case received(TaskMessage)
        /// Has read the task and found the message good.
        case wanting(RenderTask.Event, TaskMessage?)
        /// Has read the task and decided; the write comes next.
        case writing(TaskTransition, RenderTask.Event, TaskMessage?)
        case sending([RenderTask.Effect], RenderTask.Event, TaskMessage?)
        case rendering(FencingToken, TaskMessage?)
        case deleting(TaskMessage)
    }

    private(set) var task: RenderTask
    /// All copies in the queue, in order of their tokens.
    private(set) var messages: [TaskMessage]
    /// Two; which is which makes no difference.
    private(set) var workers: [Place] = [.idle, .idle]
    private(set) var handler = Place.idle
    private(set) var repair = Place.idle
    private(set) var leaseCount = 0
    private(set) var attempts: [FencingToken] = []
    private(set) var successCount = 0
    /// Writes that went through by one who had lost the lease.
    private(set) var lateWriteCount = 0
    /// Tasks that a warning took from workers which had promised to finish them.
    private(set) var brokenPromiseCount = 0

    init() throws {
        task = RenderTask(
            id: TaskID(job: JobID("a"), number: 1), frames: try FrameRange(first: 1, last: 1))
        messages = [task.message]
    }

    /// Every world that one step of one program can lead to.
    func successors(_ flaw: Flaw?) -> [TaskModel] {
        var next: [TaskModel] = []
        for index in workers.indices {
            next += steps(of: workers[index], flaw, isWorker: true).map { world, place in
                var world = world
                world.workers[index] = place
                // Two worlds that differ in the workers' names only are one.
                if world.workers[0].hashValue > world.workers[1].hashValue {
                    world.workers.swapAt(0, 1)
                }
                return world
            }
        }
        next += steps(of: handler, flaw, isWorker: false).map { world, place in
            var world = world
            world.handler = place
            return world
        }
        if case .idle = handler { next += starts(noticeEvents, flaw) { $0.handler = $1 } }
        next += steps(of: repair, flaw, isWorker: false).map { world, place in
            var world = world
            world.repair = place
            return world
        }
        if case .idle = repair { next += starts(repairEvents(flaw), flaw) { $0.repair = $1 } }
        return next
    }

    // MARK: Programs

    /// The first step given is the one where nothing goes wrong.
    private func steps(
        of place: Place, _ flaw: Flaw?, isWorker: Bool
    ) -> [(TaskModel, Place)] {
        let killed = (self, Place.idle)
        switch place {
        case .idle:
            guard isWorker else { return [] }
            return Set(messages).map { (self, .received($0)) }
        case .received(let message):
            return [(self, look(at: message))] + leftAlone(message) + [killed]
        case .wanting(let event, let message):
            return [(self, decide(event, message, flaw))] + [killed]
        case .writing(let transition, let event, let message):
            return [write(transition, event, message, flaw), killed]
        case .sending(let effects, let event, let message):
            return [send(effects, event, message), killed]
        case .rendering(let token, let message):
            return endings(token).map { (self, decide($0, message, flaw)) } + [killed]
        case .deleting(let message):
            var world = self
            if let index = messages.firstIndex(of: message) { world.messages.remove(at: index) }
            // Killed, or the copy that SQS delivers once more.
            return [(world, .idle), killed]
        }
    }

    /// `RenderLoop.lease`: what a worker does with a message.
    private func look(at message: TaskMessage) -> Place {
        switch task.state {
        case .leased: .wanting(.expire, message)
        // However old the message is: it may be the task's last.
        case .queued:
            .wanting(.lease(Self.worker, Self.pool, until: Self.leaseEnd), message)
        case .succeeded, .failed, .canceled: .deleting(message)
        }
    }

    /// A lease that has not run out yet: the message is dropped.
    private func leftAlone(_ message: TaskMessage) -> [(TaskModel, Place)] {
        if case .leased = task.state { [(self, .deleting(message))] } else { [] }
    }

    private func endings(_ token: FencingToken) -> [RenderTask.Event] {
        var events: [RenderTask.Event] = [
            .succeed(token, RenderReport()),
            .renew(token, until: Self.leaseEnd),
            .interrupt(token, Interruption(.spotTerminate, by: .instanceMetadata)),
        ]
        // The last retry would end in failure, and that is no loss.
        if task.failures.count < Self.failuresMax - 1 {
            events.append(.fail(token, RenderFailure(.crashed, ""), RenderReport()))
        }
        // `DrainWatch`: once, and then it finishes, or hands back all the same.
        if !isPromised { events.append(.promise(token, until: Self.promiseEnd)) }
        return events
    }

    private var noticeEvents: [RenderTask.Event] {
        guard case .leased = task.state else { return [] }
        return [
            .interrupt(task.token, Interruption(.spotTerminate, by: .eventBridge)),
            // The instance is gone, and with it what its worker promised.
            .interrupt(task.token, Interruption(.shutdown, by: .stateChange)),
        ]
    }

    private func repairEvents(_ flaw: Flaw?) -> [RenderTask.Event] {
        switch task.state {
        case .leased: [.expire]
        case .queued where flaw != .nothingIsReminded && messages.count < Self.messagesMax:
            [.remind]
        case .queued, .succeeded, .failed, .canceled: []
        }
    }

    private func starts(
        _ events: [RenderTask.Event], _ flaw: Flaw?, _ set: (inout TaskModel, Place) -> Void
    ) -> [TaskModel] {
        events.map { event in
            var world = self
            set(&world, decide(event, nil, flaw))
            return world
        }
    }

    // MARK: Calls

    /// `TaskOperations.apply` up to its write: reads the task and asks the rules.
    private func decide(
        _ event: RenderTask.Event, _ message: TaskMessage?, _ flaw: Flaw?
    ) -> Place {
        var asked = event
        if flaw == .tokensAreNotKept, case .succeed(_, let report) = event {
            asked = .succeed(task.token, report)
        }
        if flaw == .promisesAreForgotten, event.isWarning, case .interrupt(let token, _, _) = event
        {
            asked = .interrupt(token, Interruption(.shutdown, by: .stateChange))
        }
        let now = if case .expire = event { Self.leaseEnd } else { Timestamp.testStart }
        do {
            return .writing(
                try task.apply(asked, at: now, retries: Self.retries), event, message)
        } catch {
            return isDone(event, isMoved: false, message)
        }
    }

    private func write(
        _ transition: TaskTransition, _ event: RenderTask.Event, _ message: TaskMessage?,
        _ flaw: Flaw?
    ) -> (TaskModel, Place) {
        let isCurrent = task.revision == transition.from.revision
        guard isCurrent || flaw == .writesAreUnconditional else {
            return (self, .wanting(event, message))
        }
        var world = self
        if event.isWarning, isPromised { world.brokenPromiseCount += 1 }
        world.task = transition.to
        if case .lease = event { world.leaseCount += 1 }
        if let own = event.presented, own != transition.from.token { world.lateWriteCount += 1 }
        if case .succeeded = transition.to.state { world.successCount += 1 }
        if let attempt = transition.attempt { world.attempts.append(attempt.token) }
        let place = Place.sending(transition.effects, event, message)
        guard transition.effects.isEmpty else { return (world, place) }
        return (world, world.isDone(event, isMoved: true, message))
    }

    private func send(
        _ effects: [RenderTask.Effect], _ event: RenderTask.Event, _ message: TaskMessage?
    ) -> (TaskModel, Place) {
        var world = self
        if case .enqueue(let sent, _) = effects.first {
            world.messages.append(sent)
            world.messages.sort { $0.token < $1.token }
        }
        let rest = Array(effects.dropFirst())
        let place = Place.sending(rest, event, message)
        return (world, rest.isEmpty ? world.isDone(event, isMoved: true, message) : place)
    }

    /// Where the program goes on after its event was stored or refused.
    private func isDone(
        _ event: RenderTask.Event, isMoved: Bool, _ message: TaskMessage?
    ) -> Place {
        switch event {
        case .lease where isMoved: return .rendering(task.token, message)
        case .renew(let token, _) where isMoved, .promise(let token, _) where isMoved:
            return .rendering(token, message)
        // The lease is lost: the message is left to come back.
        case .renew, .promise: return .idle
        case .succeed where !isMoved, .fail where !isMoved, .interrupt where !isMoved:
            return .idle
        case .lease, .succeed, .fail, .interrupt, .expire, .remind, .cancel, .retry, .countFrame:
            return message.map(Place.deleting) ?? .idle
        }
    }

    // MARK: Recovery

    /// What becomes of this world when everyone dies now, leases run out, the repair makes its
    /// passes and one healthy worker stays.
    func recovered(_ flaw: Flaw?) -> TaskModel {
        var world = self
        world.workers = [.idle, .idle]
        (world.handler, world.repair) = (.idle, .idle)
        for _ in 0..<Self.recoveryTurnsMax where !world.task.state.isTerminal {
            if let event = world.repairEvents(flaw).first, world.messages.isEmpty {
                world = world.running(world.decide(event, nil, nil), flaw)
            } else if let message = world.messages.last {
                world = world.running(.received(message), flaw)
            }
        }
        return world
    }

    /// One program alone, with nothing going wrong, until it is idle.
    private func running(_ place: Place, _ flaw: Flaw?) -> TaskModel {
        var (world, place) = (self, place)
        while place != .idle {
            (world, place) = world.steps(of: place, flaw, isWorker: true)[0]
        }
        return world
    }

    private static let worker = WorkerID("i-a")
    private static let pool = Pool(instanceType: "c5a.2xlarge", zone: "a")
    private static let leaseEnd = Timestamp.testStart + .seconds(120)
    /// Later than every event but the end of a lease.
    private static let promiseEnd = leaseEnd
    private static let failuresMax = 3
    private static let retries = RetryPolicy(blender: failuresMax)
    /// More copies than this bring nothing new.
    private static let messagesMax = 3
    private static let recoveryTurnsMax = 24
}

extension TaskModel {
    /// All that recovery depends on.
    struct Remains: Hashable {
        let task: RenderTask
        let messages: [TaskMessage]
    }

    var isPromised: Bool {
        guard case .leased(let lease) = task.state else { return false }
        return lease.promisedUntil != nil
    }

    var remains: Remains { Remains(task: task, messages: messages) }

    func canRecover(_ flaw: Flaw?) -> Bool {
        let end = recovered(flaw)
        return end.task.state == .succeeded && end.successCount == 1
    }

    /// The sentence this world breaks, if any, having come from `earlier`.
    func violation(after earlier: TaskModel) -> String? {
        if successCount > 1 { return "a success is committed once at most" }
        if lateWriteCount > 0 { return "a late write is refused" }
        if brokenPromiseCount > 0 { return "a warning leaves what is promised" }
        let isLeased = if case .leased = task.state { true } else { false }
        if attempts.count != leaseCount - (isLeased ? 1 : 0) || task.token.rawValue != leaseCount
            || Set(attempts).count != attempts.count
        {
            return "there are as many attempts as leases that ended"
        }
        if task.token < earlier.task.token { return "the token only rises" }
        if earlier.task.state.isTerminal, task != earlier.task {
            return "what has succeeded stays so"
        }
        return nil
    }
}

extension RenderTask.Event {
    /// The token by which its sender claims the lease.
    fileprivate var presented: FencingToken? {
        switch self {
        case .renew(let token, _), .promise(let token, _), .succeed(let token, _),
            .fail(let token, _, _), .interrupt(let token, _, _):
            token
        case .lease, .expire, .remind, .cancel, .retry, .countFrame: nil
        }
    }
    /// Told by EC2 while the worker may still be at work.
    fileprivate var isWarning: Bool {
        guard case .interrupt(_, let interruption, _) = self else { return false }
        return interruption.path.leavesPromises
    }
}
