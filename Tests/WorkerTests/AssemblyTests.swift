import Farm
import FarmTesting
import Synchronization
import Testing
import Worker

@Suite struct `A worker that assembles` {
    /// Two frames are rendered, and their assembly waits.
    private func rendered(frames count: Int = 2) async throws -> TestFarm {
        let testFarm = try await TestFarm(frames: count, assembles: true)
        for _ in 1...count { _ = try await testFarm.turn() }
        #expect(try await testFarm.farm.job(testFarm.job)?.state == .assembling)
        return testFarm
    }

    private func names(_ testFarm: TestFarm) async -> [String] {
        let prefix = "jobs/\(testFarm.job)/"
        return await testFarm.frames.frames.keys.map { String($0.dropFirst(prefix.count)) }
            .filter { !$0.hasPrefix("frames/") }.sorted()
    }

    private static let all = [
        "contact-sheet.jpg", "thumbnails/frame_0001.jpg", "thumbnails/frame_0002.jpg", "video.mp4",
    ]

    @Test func `stores what it made of the job's frames, and settles the job`() async throws {
        let testFarm = try await rendered()
        testFarm.engine.assembled.withLock { $0 = Assembled(blankFrames: [2], notes: ["A note"]) }
        let task = TaskID(job: testFarm.job, number: 3)
        #expect(try await testFarm.turn() == .rendered(task, frameCount: 0))
        #expect(await names(testFarm) == Self.all)
        #expect(try await testFarm.farm.job(testFarm.job)?.state == .succeeded)
        #expect(await testFarm.queue.messages.isEmpty)
        let attempts = try await testFarm.farm.attempts(of: testFarm.job)
        #expect(BlankFrames(in: attempts).numbers == [2])
        let report = try #require(attempts.first { $0.task == task }?.report)
        #expect(report.frameCount == 0 && report.byteCount == 4 * 4)
        #expect(report.blender == BlenderVersion("4.5.1"))
        let log = try #require(await testFarm.frames.logs[task.logKey(FencingToken(1))])
        #expect(String(decoding: log, as: UTF8.self).contains("Spotrender: A note."))
        #expect(try testFarm.leftovers().isEmpty)
    }

    @Test func `leaves out a missing frame`() async throws {
        let testFarm = try await rendered()
        await testFarm.frames.remove(testFarm.key(1))
        _ = try await testFarm.turn()
        #expect(await names(testFarm) == Self.all.filter { !$0.contains("0001") })
    }

    /// Kills the worker between any two calls of its ports. The next worker starts over.
    @Test func `may be killed at any call`() async throws {
        var calls = 0
        while true {
            let testFarm = try await rendered()
            testFarm.faults.stop(after: calls)
            do {
                _ = try await testFarm.turn()
                if try await testFarm.farm.job(testFarm.job)?.state == .succeeded, calls > 10 {
                    break
                }
            } catch {}
            testFarm.faults.resume()
            try await testFarm.finishByAnother()
            #expect(await names(testFarm) == Self.all, "killed after \(calls) calls")
            // If the worker died right before it settled the job, the repair does that.
            #expect(try await testFarm.task(3).state == .succeeded, "killed after \(calls) calls")
            calls += 1
        }
        #expect(calls > 10)
    }
}
