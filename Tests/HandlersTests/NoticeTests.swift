import Operations
import Farm
import FarmTesting
import Handlers
import Testing

private let anna = WorkerID("i-a")

/// As EventBridge sends it; `detail` is JSON without its braces.
private func event(
    _ type: String, of instance: String = "i-a", _ detail: String = "", id: String = "e-1"
) throws -> InstanceEvent {
    let text = """
        {"id":"\(id)","detail-type":"\(type)","source":"aws.ec2","time":"2026-11-21T08:00:00Z",\
        "resources":["arn:aws:ec2:us-east-1b:instance/i-9"],\
        "detail":{"instance-id":"\(instance)"\(detail.isEmpty ? "" : "," + detail)}}
        """
    return try InstanceEvent(EventBridgeEvent(json: Array(text.utf8)))
}

private func warning(
    of instance: String = "i-a", action: String = "terminate", id: String = "e-1"
) throws -> InstanceEvent {
    try event(
        "EC2 Spot Instance Interruption Warning", of: instance,
        #""instance-action":"\#(action)""#, id: id)
}

private func termination(of instance: String = "i-a") throws -> InstanceEvent {
    try event(
        "EC2 Instance-terminate Lifecycle Action", of: instance,
        #""LifecycleActionToken":"t","AutoScalingGroupName":"g","LifecycleHookName":"h","#
            + #""EC2InstanceId":"\#(instance)""#)
}

private let action = LifecycleAction(group: "g", hook: "h", token: "t", instance: "i-a")

@Suite struct `An interruption warning` {
    @Test func `requeues what the instance holds, and a second one nothing`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.splitJob(frames: 4)
        let held = try await testFarm.lease(2, of: job, to: anna)
        let other = try await testFarm.lease(1, of: job, to: WorkerID("i-b"))
        let outcome = try await testFarm.answer.handle(warning())
        #expect(outcome.tasks(.handedBack) == held.map(\.id))
        for task in held {
            let now = try #require(try await testFarm.farm.task(task.id))
            #expect(now.state == .queued && now.interruptionCount == 1 && now.failures.isEmpty)
            #expect(await testFarm.queue.messages.contains(now.message))
        }
        #expect(try await testFarm.farm.task(other[0].id) == other[0])
        #expect(try await testFarm.workers.worker(anna)?.state == .draining(.notice))
        #expect(try await testFarm.answer.handle(warning()) == .answered([]))
        #expect(try await testFarm.farm.attempts(of: job).count == 2)
        // Told twice, it is one instance for the count of a burst.
        let reclaims = try await testFarm.fleetStore.reclaims(since: Timestamp(milliseconds: 0))
        #expect(reclaims.map(\.worker) == [anna] && reclaims.map(\.pool) == [.test])
        // The doubled event has not overwritten what the first one did.
        let kept = try await testFarm.notices.notices(of: anna)
        #expect(kept.count == 1)
        #expect(kept[0].responses.map(\.action) == [.handedBack, .handedBack])
        #expect(kept[0].deadline == kept[0].time + .seconds(120))
    }

    @Test func `gives a worker the time to promise, and then leaves what it promised`()
        async throws
    {
        let testFarm = TestFarm()
        let job = try await testFarm.splitJob(frames: 2)
        let held = try await testFarm.lease(2, of: job, to: anna)
        let deadline = testFarm.time.now() + .seconds(120)
        try await testFarm.operations.apply(
            .promise(held[0].token, until: deadline), to: held[0].id)
        let before = testFarm.time.now()
        let outcome = try await testFarm.answer.handle(warning())
        #expect(testFarm.time.now() - before == .seconds(3))
        #expect(outcome.tasks(.left) == [held[0].id])
        #expect(outcome.tasks(.handedBack) == [held[1].id])
        #expect(await testFarm.announcer.messages.count == 1)
        #expect(
            await testFarm.announcer.messages[0].contains("Task \(held[0].id) will be finished"))
        // It is gone for good, so the promise is, too.
        let gone = try event("EC2 Instance State-change Notification", #""state":"terminated""#)
        #expect(try await testFarm.answer.handle(gone).tasks(.handedBack) == [held[0].id])
        #expect(try await testFarm.workers.worker(anna)?.state == .gone)
    }

    @Test func `for an instance that is not ours changes nothing`() async throws {
        let testFarm = TestFarm()
        let outcome = try await testFarm.answer.handle(warning(of: "i-foreign"))
        #expect(outcome == .foreign(WorkerID("i-foreign")))
        #expect(testFarm.faults.callCount(of: .saveWorker) == 0)
        #expect(testFarm.faults.callCount(of: .recordNotice) == 0)
        #expect(await testFarm.announcer.messages.isEmpty)
    }

    @Test func `is answered when nobody can be told of it`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.splitJob(frames: 1)
        let held = try await testFarm.lease(1, of: job, to: anna)
        testFarm.faults.breakDown(.announce)
        #expect(
            try await testFarm.answer.handle(warning()).tasks(.handedBack) == held.map(\.id))
    }

    @Test func `in a burst of 1,937 is answered for each instance, and for none twice`()
        async throws
    {
        let testFarm = TestFarm()
        let job = try await testFarm.splitJob(frames: 1_200, terms: ["chunk": "1"])
        var events: [InstanceEvent] = []
        let tasks = try await testFarm.tasks(of: job).prefix(1_000).map(\.id)
        for (index, task) in tasks.enumerated() {
            let worker = WorkerID("i-\(index)")
            try await testFarm.register(worker)
            let until = testFarm.time.now() + .seconds(120)
            try await testFarm.operations.apply(.lease(worker, .test, until: until), to: task)
            events.append(try warning(of: worker.rawValue, id: "e-\(index)"))
        }
        // Foreign instances in between, and every eighth event twice.
        events += try (0..<812).map { try warning(of: "i-foreign-\($0)", id: "f-\($0)") }
        events += events.prefix(1_000).enumerated().filter { $0.offset % 8 == 0 }.map(\.element)
        #expect(events.count == 1_937)
        var random = SeededGenerator(seed: 1_937)
        events.shuffle(using: &random)
        let burst = events
        let answer = testFarm.answer
        let outcomes = try await withThrowingTaskGroup { group in
            for event in burst {
                group.addTask { try await answer.handle(event) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let requeued = outcomes.flatMap { $0.tasks(.handedBack) }
        #expect(requeued.count == 1_000)
        #expect(Set(requeued) == Set(tasks))
        let foreign = outcomes.count { if case .foreign = $0 { true } else { false } }
        #expect(foreign == 812)
        #expect(try await testFarm.farm.attempts(of: job).count == 1_000)
        for task in try await testFarm.tasks(of: job).prefix(1_000) {
            #expect(task.state == .queued && task.interruptionCount == 1)
        }
    }
}

@Suite struct `A rebalance recommendation` {
    @Test func `stops nothing, and marks the worker's pool`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.splitJob(frames: 1)
        let held = try await testFarm.lease(1, of: job, to: anna)
        let outcome = try await testFarm.answer.handle(
            event("EC2 Instance Rebalance Recommendation"))
        #expect(outcome == .cooling(anna))
        #expect(try await testFarm.farm.task(held[0].id) == held[0])
        let worker = try #require(try await testFarm.workers.worker(anna))
        #expect(worker.state == .rendering && worker.coolingUntil != nil)
        #expect(try await testFarm.notices.notices(of: anna).map(\.announced) == [.rebalance])
        #expect(await testFarm.announcer.messages.isEmpty)
    }
}

@Suite struct `Auto Scaling's lifecycle action` {
    @Test func `requeues the tasks, then lets the instance go`() async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.splitJob(frames: 1)
        let held = try await testFarm.lease(1, of: job, to: anna)
        testFarm.faults.breakDown(.commitTask)
        await #expect(throws: PortError.self) { try await testFarm.answer.handle(termination()) }
        #expect(await testFarm.fleet.completed.isEmpty)
        testFarm.faults.mend(.commitTask)
        let outcome = try await testFarm.answer.handle(termination())
        #expect(outcome.tasks(.handedBack) == held.map(\.id))
        #expect(await testFarm.fleet.completed == [action])
    }

    @Test func `of an instance whose worker never began is completed`() async throws {
        let testFarm = TestFarm()
        #expect(try await testFarm.answer.handle(termination()) == .foreign(anna))
        #expect(await testFarm.fleet.completed == [action])
    }
}
