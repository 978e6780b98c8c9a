import Farm
import Testing

@Suite struct `A task's lane` {
    @Test func `is the first one for an urgent job, until only On-Demand will do`() throws {
        let id = TaskID(job: JobID("shot-12345678"), number: 1)
        func lane(_ priority: JobPriority, interrupted count: Int) throws -> QueueLane {
            RenderTask(
                id: id, frames: try FrameRange(first: 1, last: 1), priority: priority,
                state: .queued, failures: [], interruptionCount: count,
                token: FencingToken(count), revision: count
            ).message.lane
        }
        #expect(try lane(.high, interrupted: 10) == .high)
        #expect(try lane(.normal, interrupted: 10) == .shared)
        #expect(try lane(.high, interrupted: 11) == .onDemand)
        for lifecycle in WorkerRecord.Lifecycle.allCases {
            let lanes = QueueLane.lanes(for: lifecycle, hasOnDemand: true)
            #expect(lanes.suffix(2) == [.high, .shared])
            #expect(lanes.contains(.onDemand) == (lifecycle == .onDemand))
        }
        // Where there is no On-Demand, nobody else would take them.
        #expect(QueueLane.lanes(for: .spot, hasOnDemand: false) == [.onDemand, .high, .shared])
    }
}
