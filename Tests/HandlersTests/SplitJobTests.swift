import Presentation
import Farm
import FarmTesting
import Handlers
import Testing

@Suite struct `An uploaded scene` {
    @Test func `becomes one job, its tasks and a message for each`() async throws {
        let testFarm = TestFarm()
        let scene = await testFarm.scenes.upload(
            try Fixture.scene(), key: "shots/my first scène.blend",
            metadata: [
                "scene": "Film", "chunk": "4", "deadline": "2h", "budget": "5", "priority": "High",
                "canary": "false",
            ])
        let event = try S3Event(key: "shots/my+first+sc%C3%A8ne.blend")
        let outcomes = try await testFarm.splitter.handle(event)
        guard case .split(let id, 4) = try #require(outcomes.first) else {
            Issue.record("Frames 5-47:3 in fours are four tasks, but this was \(outcomes).")
            return
        }
        let job = try #require(try await testFarm.farm.job(id))
        #expect(job.state == .queued)
        #expect(job.source == scene)
        #expect(
            job.terms
                == JobTerms(deadline: job.created + .seconds(7200), budget: "5", priority: .high))
        #expect(
            job.settings
                == RenderSettings(
                    scene: "Film", frames: try FrameRange(first: 5, last: 47, step: 3),
                    engine: .cycles,
                    resolution: Resolution(width: 1280, height: 720, percentage: 50),
                    format: .openEXR, savedBy: BlenderVersion("3.4")))
        let tasks = try await testFarm.tasks(of: id)
        #expect(tasks.map(\.frames.count) == [4, 4, 4, 3])
        #expect(await Set(testFarm.queue.messages.map(\.lane)) == [.high])
        #expect(await testFarm.queue.messages == tasks.map(\.message))
    }

    @Test func `is rendered as its active scene says, when nothing else is asked`() async throws {
        let testFarm = TestFarm()
        await testFarm.scenes.upload(try Fixture.startScene(), key: "a.blend")
        _ = try await testFarm.splitter.handle(S3Event(key: "a.blend"))
        let job = try #require(try await testFarm.farm.openJobs().first)
        #expect(
            job.settings
                == RenderSettings(
                    scene: "Scene", frames: try FrameRange(first: 1, last: 250), engine: .eevee,
                    resolution: Resolution(width: 1920, height: 1080), format: .png,
                    savedBy: BlenderVersion("3.4")))
        // The canary's three, and in chunks of three the 124 and the 123 frames between them.
        #expect(job.chunk == 3 && job.taskCount == 3 + 42 + 41)
    }

    @Test func `announced twice is still one job`() async throws {
        let testFarm = TestFarm()
        let id = try await testFarm.splitJob(frames: 3)
        let again = try await testFarm.splitter.handle(S3Event(key: "s.blend"))
        #expect(again == [.known(id)])
        #expect(await testFarm.queue.messages.count == 3)
        #expect(try await testFarm.farm.openJobs().count == 1)
    }

    @Test func `announced twice at the same moment is still one job`() async throws {
        let testFarm = TestFarm()
        await testFarm.scenes.upload(
            try Fixture.scene(), key: "s.blend", metadata: ["scene": "Film", "frames": "1-5"])
        let event = try S3Event(key: "s.blend")
        async let first = testFarm.splitter.handle(event)
        async let second = testFarm.splitter.handle(event)
        _ = try await (first, second)
        let jobs = try await testFarm.farm.openJobs()
        #expect(jobs.count == 1)
        let job = try #require(jobs.first)
        #expect(job.state == .queued)
        #expect(try await testFarm.tasks(of: job.id).count == 5)
    }

    @Test func `uploaded again with other content is another job`() async throws {
        let testFarm = TestFarm()
        _ = try await testFarm.splitJob(frames: 3)
        _ = try await testFarm.splitJob(frames: 3)
        #expect(try await testFarm.farm.openJobs().count == 2)
    }

    /// The kill may come between any two calls; the next delivery goes on from what is there.
    @Test func `survives a kill between any two calls`() async throws {
        var killedAt = 0
        while true {
            let testFarm = TestFarm()
            await testFarm.scenes.upload(
                try Fixture.scene(), key: "s.blend", metadata: ["scene": "Film", "frames": "1-6"])
            let event = try S3Event(key: "s.blend")
            testFarm.faults.stop(after: killedAt)
            var isWhole = false
            do {
                _ = try await testFarm.splitter.handle(event)
                isWhole = true
            } catch {
                #expect(error.isRetryable)
            }
            testFarm.faults.resume()
            _ = try await testFarm.splitter.handle(event)
            let jobs = try await testFarm.farm.openJobs()
            let job = try #require(jobs.first)
            #expect(jobs.count == 1 && job.state == .queued)
            let tasks = try await testFarm.tasks(of: job.id)
            #expect(tasks.flatMap { Array($0.frames.frames) } == Array(1...6))
            #expect(Set(await testFarm.queue.messages) == Set(tasks.map(\.message)))
            if isWhole { break }
            killedAt += 1
        }
        #expect(killedAt >= 5, "find, read, create, tasks, messages and split are calls apart")
    }

    @Test func `does not lose progress to a late second delivery`() async throws {
        let testFarm = TestFarm()
        await testFarm.scenes.upload(
            try Fixture.scene(), key: "s.blend", metadata: ["scene": "Film", "frames": "1-2"])
        testFarm.faults.fail(.replaceJob)
        let event = try S3Event(key: "s.blend")
        await #expect(throws: PortError.self) { try await testFarm.splitter.handle(event) }
        let id = try #require(try await testFarm.farm.openJobs().first).id
        let leased = try await testFarm.lease(1, of: id, to: WorkerID("i-1"))
        _ = try await testFarm.splitter.handle(event)
        #expect(try await testFarm.farm.task(leased[0].id) == leased[0])
    }
}

@Suite struct `A scene that can't be rendered` {
    private func refusal(
        _ bytes: [UInt8], metadata: [String: String] = [:]
    ) async throws -> String {
        let testFarm = TestFarm()
        await testFarm.scenes.upload(bytes, key: "bad.blend", metadata: metadata)
        let event = try S3Event(key: "bad.blend")
        let outcomes = try await testFarm.splitter.handle(event)
        guard case .refused(let id, _) = try #require(outcomes.first) else { return "\(outcomes)" }
        let job = try #require(try await testFarm.farm.job(id))
        #expect(await testFarm.queue.messages.isEmpty)
        #expect(try await testFarm.farm.openJobs().isEmpty)
        guard case .failed(let failure) = job.state else { return "\(job.state)" }
        return failure.words
    }

    @Test func `is a failed job with a reason: garbage`() async throws {
        let reason = try await refusal(Array("This is a letter, not a scene. ".utf8))
        #expect(reason.contains("not a Blender file"))
    }

    @Test func `is a failed job with a reason: empty`() async throws {
        #expect(try await refusal([]).contains("empty"))
    }

    @Test func `is a failed job with a reason: cut off`() async throws {
        let bytes = Array(try Fixture.scene().prefix(20_000))
        #expect(try await refusal(bytes).contains("Upload it again"))
    }

    @Test func `is a failed job with a reason: frames backwards`() async throws {
        let reason = try await refusal(try Fixture.scene(), metadata: ["frames": "10-1"])
        #expect(reason.contains("backwards"))
    }

    @Test func `is a failed job with a reason: no frames`() async throws {
        let reason = try await refusal(try Fixture.scene(), metadata: ["frames": ""])
        #expect(reason.contains("not understood"))
    }

    @Test func `is a failed job with a reason: more frames than a job may have`() async throws {
        let wanted = ["scene": "Film", "frames": "1-100001"]
        let reason = try await refusal(try Fixture.scene(), metadata: wanted)
        #expect(reason.contains("100001 frames"))
    }

    @Test func `is a failed job with a reason: no camera`() async throws {
        #expect(try await refusal(try Fixture.scene()).contains("no camera"))
    }

    @Test func `is a failed job with a reason: no such scene in the file`() async throws {
        let reason = try await refusal(try Fixture.scene(), metadata: ["scene": "Nacht"])
        #expect(reason.contains("Film, Prüfung"))
    }

    @Test func `is a failed job with a reason: files that it lacks`() async throws {
        let reason = try await refusal(try Fixture.referringScene())
        #expect(reason.contains("13 files"))
        for path in ["//textures/wood.png", "//library.blend", "//cloth", "/films/film.mp4"] {
            #expect(reason.contains(path))
        }
        #expect(!reason.contains("packed.png"), "It is in the .blend.")
        #expect(!reason.contains("steps.wav"), "Nobody hears a picture.")
    }

    @Test func `is rendered without the files that it lacks when its uploader says so`()
        async throws
    {
        let testFarm = TestFarm()
        await testFarm.scenes.upload(
            try Fixture.referringScene(), key: "bare.blend",
            metadata: ["allow-missing": "true", "frames": "1-3"])
        let outcomes = try await testFarm.splitter.handle(try S3Event(key: "bare.blend"))
        guard case .split(_, taskCount: 3) = try #require(outcomes.first) else {
            Issue.record("It was not split: \(outcomes)")
            return
        }
    }
}

@Suite struct `What is no scene` {
    @Test(arguments: ["folder/", "notes.txt", "scene.blend1", "scene.blend/"])
    func `is left alone`(_ key: String) async throws {
        let testFarm = TestFarm()
        let event = try S3Event(key: key)
        #expect(try await testFarm.splitter.handle(event) == [.ignored])
        #expect(testFarm.faults.callCount == 0)
    }

    @Test func `is left alone: a removal, a broken name, an object that is gone`() async throws {
        let testFarm = TestFarm()
        let events = [
            try S3Event(key: "a.blend", name: "ObjectRemoved:Delete"),
            try S3Event(key: "%C3%28.blend"), try S3Event(key: "%zz.blend"),
            try S3Event(key: "gone.blend"),
        ]
        for event in events {
            #expect(try await testFarm.splitter.handle(event) == [.ignored])
        }
    }

    @Test func `is S3's test event`() async throws {
        let event = try S3Event(json: Fixture.event("s3-test-event"))
        #expect(event.isTest)
        #expect(try await TestFarm().splitter.handle(event).isEmpty)
    }

    @Test func `fails when it is not from S3 at all`() {
        #expect(throws: EventError.self) { try S3Event(json: Array("{}".utf8)) }
        #expect(throws: EventError.self) { try S3Event(json: []) }
    }
}

@Suite struct `An event with several records` {
    @Test func `is handled whole, though one of them fails`() async throws {
        let testFarm = TestFarm()
        await testFarm.scenes.upload(try Fixture.startScene(), key: "b.blend")
        let text = """
            {"Records":[
            {"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"input"},"object":{"key":"a.blend"}}},
            {"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"input"},"object":{"key":"b.blend"}}}]}
            """
        testFarm.faults.fail(.findScene, onCall: 1)
        let event = try S3Event(json: Array(text.utf8))
        await #expect(throws: PortError.self) { try await testFarm.splitter.handle(event) }
        #expect(try await testFarm.farm.openJobs().count == 1)
    }

    @Test func `is read as S3 writes it`() throws {
        let event = try S3Event(json: Fixture.event("s3-object-created"))
        #expect(event.records.first?.s3.object.decodedKey == "scenes/my first scène.blend")
    }
}
