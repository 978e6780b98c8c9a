import Farm
import FarmTesting
import Synchronization
import Testing
import Worker

@Suite struct `A worker that assembles` {
    /// Two frames are rendered, and their assembly is the task that waits.
    private func rendered(frames count: Int = 2) async throws -> Bench {
        let bench = try await Bench(frames: count, assembles: true)
        for _ in 1...count { _ = try await bench.turn() }
        #expect(try await bench.farm.job(bench.job)?.state == .assembling)
        return bench
    }

    private func names(_ bench: Bench) async -> [String] {
        let prefix = "jobs/\(bench.job)/"
        return await bench.frames.frames.keys.map { String($0.dropFirst(prefix.count)) }
            .filter { !$0.hasPrefix("frames/") }.sorted()
    }

    private static let all = [
        "contact-sheet.jpg", "thumbnails/frame_0001.jpg", "thumbnails/frame_0002.jpg", "video.mp4",
    ]

    @Test func `stores what it made of the job's frames, and settles the job`() async throws {
        let bench = try await rendered()
        bench.engine.assembled.withLock { $0 = Assembled(blankFrames: [2], notes: ["A note"]) }
        let task = TaskID(job: bench.job, number: 3)
        #expect(try await bench.turn() == .rendered(task, frameCount: 0))
        #expect(await names(bench) == Self.all)
        #expect(try await bench.farm.job(bench.job)?.state == .succeeded)
        #expect(await bench.queue.messages.isEmpty)
        let attempts = try await bench.farm.attempts(of: bench.job)
        #expect(BlankFrames(in: attempts).numbers == [2])
        let report = try #require(attempts.first { $0.task == task }?.report)
        #expect(report.frameCount == 0 && report.byteCount == 4 * 4)
        #expect(report.blender == BlenderVersion("4.5.1"))
        let log = try #require(await bench.frames.logs[task.logKey(FencingToken(1))])
        #expect(String(decoding: log, as: UTF8.self).contains("Spotrender: A note."))
        #expect(try bench.leftovers().isEmpty)
    }

    @Test func `goes without a frame that is not there`() async throws {
        let bench = try await rendered()
        await bench.frames.remove(bench.key(1))
        _ = try await bench.turn()
        #expect(await names(bench) == Self.all.filter { !$0.contains("0001") })
    }

    /// A kill between any two calls of its ports; the next worker starts over.
    @Test func `may be killed anywhere`() async throws {
        var calls = 0
        while true {
            let bench = try await rendered()
            bench.faults.stop(after: calls)
            do {
                _ = try await bench.turn()
                if try await bench.farm.job(bench.job)?.state == .succeeded, calls > 10 { break }
            } catch {}
            bench.faults.resume()
            try await bench.finishByAnother()
            #expect(await names(bench) == Self.all, "killed after \(calls) calls")
            // Settling the job is left to the repair where the worker died right before it.
            #expect(try await bench.task(3).state == .succeeded, "killed after \(calls) calls")
            calls += 1
        }
        #expect(calls > 10)
    }
}
