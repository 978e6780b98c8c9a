import Farm
import FarmTesting
import Testing

private func makeWorker(_ state: WorkerRecord.State) -> WorkerRecord {
    WorkerRecord(
        id: WorkerID("i-a"), pool: Pool(instanceType: "c5a.2xlarge", zone: "us-east-1a"),
        lifecycle: .spot, state: state, seen: .testStart)
}

private let task = TaskID(job: JobID("shot-1"), number: 1)
private let later = Timestamp.testStart + .seconds(1)

@Suite struct `A worker's record` {
    @Test(arguments: [
        (WorkerRecord.State.booting, WorkerRecord.Event.idle, WorkerRecord.State.idle),
        (.rendering, .idle, .idle), (.booting, .begin(task), .rendering),
        (.idle, .begin(task), .rendering), (.idle, .drain(.scaleIn), .draining(.scaleIn)),
        (.rendering, .drain(.person), .draining(.person)),
        (.rendering, .drain(.notice), .draining(.notice)),
        (.rendering, .finish, .draining(.notice)), (.booting, .end, .gone),
        (.draining(.notice), .end, .gone),
    ])
    func `moves by events`(
        _ state: WorkerRecord.State, _ event: WorkerRecord.Event, _ next: WorkerRecord.State
    ) {
        var worker = makeWorker(state)
        #expect(worker.apply(event, at: later) == .moved)
        #expect(worker.state == next && worker.since == later)
    }

    @Test(arguments: WorkerRecord.DrainCause.allCases)
    func `takes no task while it drains, and keeps the first cause`(
        _ cause: WorkerRecord.DrainCause
    ) {
        var worker = makeWorker(.draining(cause))
        let drained = worker
        #expect(worker.apply(.begin(task), at: later) == .refused(.draining(cause)))
        #expect(worker.apply(.idle, at: later) == .refused(.draining(cause)))
        for other in WorkerRecord.DrainCause.allCases {
            #expect(worker.apply(.drain(other), at: later) == .unchanged)
        }
        #expect(worker == drained)
    }

    @Test func `that is gone stays gone`() {
        var worker = makeWorker(.gone)
        for event in [WorkerRecord.Event.idle, .begin(task), .drain(.notice)] {
            #expect(worker.apply(event, at: later) == .refused(.gone))
        }
        #expect(worker.apply(.end, at: later) == .unchanged)
        #expect(worker.since == .testStart)
    }

    @Test func `keeps its task while it drains, until the task is over`() {
        var worker = makeWorker(.idle)
        worker.apply(.begin(task), at: .testStart)
        worker.apply(.drain(.scaleIn), at: later)
        #expect(worker.progress?.task == task)
        #expect(worker.apply(.finish, at: later) == .moved)
        #expect(worker.progress == nil && worker.state == .draining(.scaleIn))
        #expect(worker.apply(.finish, at: later) == .unchanged)
    }

    @Test func `still drains for the scaler after a restart, and not for a notice`() {
        for cause in WorkerRecord.DrainCause.allCases {
            var worker = makeWorker(.booting)
            worker.apply(.restart(makeWorker(.draining(cause))), at: later)
            #expect(worker.state == (cause.isEndedByScaler ? .draining(cause) : .booting))
        }
    }

    @Test func `takes over a drain that another program wrote`() {
        let rows: [(WorkerRecord.State, WorkerRecord.State, WorkerRecord.State)] = [
            (.rendering, .draining(.notice), .draining(.notice)),
            (.rendering, .draining(.person), .draining(.person)),
            (.draining(.notice), .draining(.scaleIn), .draining(.scaleIn)),
            (.draining(.scaleIn), .draining(.notice), .draining(.scaleIn)),
            (.rendering, .gone, .rendering),
        ]
        for (own, stored, next) in rows {
            var (worker, other) = (makeWorker(own), makeWorker(stored))
            other.revision = 7
            worker.apply(.takeOver(other), at: later)
            #expect(worker.state == next && worker.revision == 7)
        }
    }

    @Test(arguments: WorkerRecord.State.allCases)
    func `has a stored name for each state`(_ state: WorkerRecord.State) {
        #expect(WorkerRecord.State(name: state.name, cause: state.drainCause) == state)
    }
}
