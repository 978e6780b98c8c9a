import Farm
import FarmTesting
import Handlers
import Testing

private func event(_ type: String, _ detail: String) throws -> EventBridgeEvent {
    let text = """
        {"id":"e-1","detail-type":"\(type)","source":"aws.ec2","time":"2026-11-21T08:00:00Z",\
        "resources":[],"detail":{\(detail)}}
        """
    return try EventBridgeEvent(json: Array(text.utf8))
}

@Suite struct `An event from EventBridge` {
    @Test(arguments: [
        ("spot-interruption-warning", InstanceEvent.Kind.warning(.spotTerminate), 120 as Int?),
        ("spot-interruption-stop", .warning(.spotStop), 120),
        ("spot-interruption-hibernate", .warning(.spotHibernate), 0),
        ("rebalance-recommendation", .rebalance, nil),
        ("instance-state-change", .gone(state: "terminated"), nil),
        (
            "instance-terminate-lifecycle-action",
            .termination(
                LifecycleAction(
                    group: "spotrender-group", hook: "spotrender-hook",
                    token: "87654321-4321-4321-4321-210987654321",
                    instance: "i-0b662ef9931388ba0")), nil
        ),
    ])
    func `about an instance is decoded with its deadline`(
        _ name: String, _ kind: InstanceEvent.Kind, _ secondsLeft: Int?
    ) throws {
        let decoded = try FleetEvent(EventBridgeEvent(json: Fixture.event(name)))
        guard case .instance(let event) = decoded else {
            Issue.record("\(name) was decoded as \(decoded)")
            return
        }
        #expect(event.kind == kind)
        #expect(event.worker == WorkerID("i-0b662ef9931388ba0"))
        #expect(event.time == Timestamp(milliseconds: 1_621_087_200_000))
        #expect(event.deadline == secondsLeft.map { event.time + .seconds($0) })
    }

    @Test func `about a failed launch is decoded with its zone and reason`() throws {
        let decoded = try FleetEvent(
            EventBridgeEvent(json: Fixture.event("instance-launch-unsuccessful")))
        guard case .launchFailure(let event) = decoded else {
            Issue.record("decoded as \(decoded)")
            return
        }
        #expect(event.group == "spotrender-group" && event.zone == "us-east-1b")
        #expect(event.time == Timestamp(milliseconds: 1_621_087_200_000))
        #expect(event.message.hasPrefix("There is no Spot capacity available"))
    }

    @Test func `is refused when its type is unknown or a field is missing`() throws {
        let malformed = [
            ("EC2 Spot Instance Interruption Warning", #""instance-id":"i-a""#),
            (
                "EC2 Spot Instance Interruption Warning",
                #""instance-id":"i-a","instance-action":"drain""#
            ),
            (
                "EC2 Spot Instance Interruption Warning",
                #""instance-id":"","instance-action":"stop""#
            ),
            ("EC2 Spot Instance Interruption Warning", #""instance-action":"stop""#),
            ("EC2 Instance State-change Notification", #""instance-id":"i-a","state":"running""#),
            ("EC2 Instance-terminate Lifecycle Action", #""EC2InstanceId":"i-a""#),
            ("EC2 Instance Launch Unsuccessful", #""StatusMessage":"none""#),
            ("Scheduled Event", ""),
        ]
        for (type, detail) in malformed {
            let event = try event(type, detail)
            #expect(throws: EventError.self, "\(type) \(detail)") { try FleetEvent(event) }
        }
    }

    @Test(arguments: ["", "[]", "{}", #"{"id":"e-1","detail-type":"x","detail":{}}"#])
    func `is refused when its envelope is not whole`(_ json: String) {
        #expect(throws: EventError.self) { try EventBridgeEvent(json: Array(json.utf8)) }
    }

    @Test(arguments: ["spot-interruption-warning", "instance-launch-unsuccessful"])
    func `reaches the use case that answers it`(_ name: String) async throws {
        let testFarm = TestFarm()
        let job = try await testFarm.splitJob(frames: 1)
        let worker = WorkerID("i-0b662ef9931388ba0")
        let held = try await testFarm.lease(1, of: job, to: worker)
        let handler = AnswerFleetEvent(notice: testFarm.answer, shortage: testFarm.note)
        let answer = try await handler.handle(json: Fixture.event(name))
        #expect(answer.isOurs)
        #expect(answer.requeued == (name.hasPrefix("spot") ? held.map(\.id.description) : []))
        #expect(testFarm.published.all.count == 1)
    }
}
