import Operations
import Farm
import FarmTesting
import FoundationEssentials
import HTTP
import Logging
import Presentation
import Testing

@testable import Dashboard

@Suite(.timeLimit(.minutes(1))) struct `The dashboard` {
    private let farm = InMemoryFarm()
    private let frames = InMemoryFrameStore()
    private let workers = InMemoryWorkerStore()
    private let time = ManualTime()
    private let id = JobID("shot-1a2b3c4d")

    /// A job of three frames: one rendered after an interruption, one being rendered, one waiting.
    private func fill() async throws {
        let range = try FrameRange(first: 1, last: 3)
        let job = Job(
            id: id,
            source: SceneObject(
                bucket: "input", key: "<img onerror=alert(1)>.blend", version: nil,
                entityTag: "tag", byteCount: 1),
            settings: RenderSettings(
                scene: "Scene", frames: range, engine: .cycles,
                resolution: Resolution(width: 4, height: 4), format: .png),
            chunk: 1, taskCount: 3, created: time.now())
        _ = try await farm.create(job)
        try await farm.create(SplitPlan.tasks(of: id, SplitPlan.Division(range, chunk: 1)))
        _ = try await farm.apply(.split, to: id, at: time.now())
        _ = try await farm.apply(.start, to: id, at: time.now())
        let token = try await lease(1, to: "i-1")
        try await move(1, .interrupt(token, Interruption(.spotTerminate, by: .eventBridge)))
        try await move(1, .succeed(try await lease(1, to: "i-2"), RenderReport(frameCount: 1)))
        _ = try await lease(2, to: "i-2")
        await frames.insert([137, 80], as: FrameName(job: id, number: 1, format: .png))
        _ = try await workers.save(
            WorkerRecord(
                id: WorkerID("i-2"), pool: Self.pool, lifecycle: .spot, state: .rendering,
                seen: time.now(), prices: [PriceStep(time: time.now(), price: "0.25")]
            ))
    }

    private static let pool = Pool(instanceType: "c5a.2xlarge", zone: "us-east-1a")

    private func lease(_ number: Int, to worker: String) async throws -> FencingToken {
        let until = time.now() + .seconds(120)
        return try await move(
            number, .lease(WorkerID(worker), Self.pool, until: until, pricePerHour: "0.25")
        ).token
    }

    @discardableResult
    private func move(_ number: Int, _ event: RenderTask.Event) async throws -> RenderTask {
        let task = TaskID(job: id, number: number)
        let outcome = try await farm.apply(event, to: task, at: time.now())
        guard case .moved(let transition) = outcome else {
            throw PortError(.malformed, "move task \(task)", "\(outcome)")
        }
        return transition.to
    }

    private func serve(_ body: (String, MultiTransport) async throws -> Void) async throws {
        let dashboard = try Dashboard(
            ports: DashboardPorts(
                jobs: farm, tasks: farm, workers: workers, frames: frames, time: time),
            port: 0, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await dashboard.run() }
            try await body(try await dashboard.address(), MultiTransport(requestsMax: 2))
            group.cancelAll()
        }
    }

    /// A view's JSON, as the page reads it.
    private struct Page: Decodable {
        struct Job: Decodable {
            let job: String
            let file: String
            let state: String
            let framesDone: Int
            let framesTotal: Int
            let interruptions: Int
        }
        struct Worker: Decodable {
            let worker: String
        }
        struct Pool: Decodable {
            let workers: Int
            let pricePerHourUSD: Decimal
            let onDemandPricePerHourUSD: Decimal
        }
        let jobs: [Job]
        let workers: [Worker]
        let pools: [Pool]
        let pricePerHourUSD: Decimal
    }

    private struct JobPage: Decodable {
        struct Lease: Decodable {
            let worker: String
            let outcome: String
            let detail: String?
        }
        struct FrameState: Decodable {
            let first: Int
            let state: String
        }
        struct Cost: Decodable {
            let costUSD: Decimal
            let onDemandCostUSD: Decimal
        }
        struct Remaining: Decodable {
            let earlySeconds: Double
            let likelySeconds: Double
            let lateSeconds: Double
        }
        let leases: [Lease]
        let frameStates: [FrameState]
        let storedFrames: [Int]
        let costs: [Cost]
        let remaining: Remaining?
    }

    private func farmPage() async throws -> Page {
        let document = FarmDocument(
            jobs: try await farm.openJobs(), workers: try await workers.openWorkers())
        return try JSONDecoder().decode(Page.self, from: document.json())
    }

    private func jobPage(
        attempts: [Attempt]? = nil, workers: [WorkerRecord] = []
    ) async throws -> JobPage {
        var found = try await farm.attempts(of: id)
        if let attempts { found = attempts }
        let records = JobPageDocument.Records(
            job: try #require(try await farm.job(id)),
            tasks: attempts == nil ? try await farm.tasks(of: id, after: 0, limit: 10) : [],
            attempts: found, stored: try await frames.frames(of: id, format: .png),
            workers: workers)
        return try JSONDecoder().decode(
            JobPage.self, from: JobPageDocument(records, at: time.now()).json())
    }

    @Test func `shows each job's progress and the workers`() async throws {
        try await fill()
        let page = try await farmPage()
        let job = try #require(page.jobs.first)
        #expect(job.file == "<img onerror=alert(1)>.blend" && job.state == "rendering")
        #expect(job.framesDone == 1 && job.framesTotal == 3 && job.interruptions == 1)
        #expect(page.workers.map(\.worker) == ["i-2"] && page.pricePerHourUSD == 0.25)
    }

    @Test func `draws every lease of a job, the interrupted one and the open one too`() async throws
    {
        try await fill()
        let page = try await jobPage()
        #expect(Set(page.leases.map(\.outcome)) == ["interrupted", "succeeded", "rendering"])
        let lost = try #require(page.leases.first { $0.outcome == "interrupted" })
        #expect(lost.worker == "i-1" && lost.detail == "terminate by eventbridge")
        #expect(page.frameStates.map(\.state) == ["rendering"])
        #expect(page.frameStates.map(\.first) == [2] && page.storedFrames == [1])
    }

    @Test func `compares each pool's price with On-Demand's, and the cost over time`()
        async throws
    {
        try await fill()
        time.advance(by: .seconds(60))
        let pool = try #require(try await farmPage().pools.first)
        #expect(pool.workers == 1 && pool.pricePerHourUSD == 0.25)
        #expect(pool.onDemandPricePerHourUSD == Decimal(string: "0.308"))
        let page = try await jobPage()
        // One lease is held for the minute; those before ended as they began.
        let last = try #require(page.costs.last)
        #expect(last.costUSD == Decimal(string: "0.004166667"))
        #expect(last.onDemandCostUSD == Decimal(string: "0.005133333"))
        #expect(page.costs.first?.costUSD == 0 && page.remaining == nil)
    }

    @Test func `forecasts the rest by the workers that render`() async throws {
        try await fill()
        var worker = try #require(try await workers.openWorkers().first)
        worker.apply(.begin(TaskID(job: id, number: 2)), at: time.now())
        let attempt = try #require(try await farm.attempts(of: id).last)
        let measured = Attempt(
            task: attempt.task, token: attempt.token,
            lease: Lease(worker: worker.id, pool: Self.pool, start: time.now(), until: time.now()),
            end: time.now(), outcome: .succeeded,
            report: RenderReport(frameCount: 1, renderMilliseconds: 4000))
        let page = try await jobPage(attempts: [measured], workers: [worker])
        let remaining = try #require(page.remaining)
        #expect(remaining.likelySeconds == 8)
        #expect(remaining.earlySeconds < 8 && remaining.lateSeconds > 8)
    }

    @Test func `lists settled jobs, the latest of them`() async throws {
        try await fill()
        for number in 1...30 {
            let settled = Job(
                id: JobID("old-\(number)"),
                source: SceneObject(
                    bucket: "input", key: "old.blend", version: nil, entityTag: "tag", byteCount: 1),
                settings: nil, chunk: 1, taskCount: 0, created: time.now(), state: .canceled,
                settled: time.now() + .seconds(number))
            _ = try await farm.create(settled)
        }
        let views = Views(
            ports: DashboardPorts(
                jobs: farm, tasks: farm, workers: workers, frames: frames, time: time),
            known: [JobID("old-1")])
        let text = String(decoding: try await views.farmJSON(), as: UTF8.self)
        #expect(text.contains("old-30") && text.contains("old-11") && !text.contains("old-10\""))
        // Asked for by name.
        #expect(text.contains("old-1\""))
    }

    @Test func `serves its page, its views and its pictures`() async throws {
        try await fill()
        try await serve { address, transport in
            let page = try await transport.send(HTTPRequest(.get, address))
            #expect(page.status == 200)
            let policy = try #require(page.header("Content-Security-Policy"))
            #expect(policy.contains("script-src 'self'") && !policy.contains("unsafe"))
            for path in ["page.js", "format.js", "page.css", "api/farm", "api/jobs/\(id)"] {
                let answer = try await transport.send(HTTPRequest(.get, address + path))
                #expect(answer.status == 200)
            }
            let picture = HTTPRequest(.get, address + "api/jobs/\(id)/frames/1")
            let bytes = try await transport.send(picture).body
            #expect(bytes == [137, 80])
            for path in ["api/jobs/none", "api/jobs/\(id)/frames/2", "api/jobs/\(id)/frames/x"] {
                let answer = try await transport.send(HTTPRequest(.get, address + path))
                #expect(answer.status == 404)
            }
        }
    }

    /// Browsers show no OpenEXR, and its thumbnails.
    @Test(arguments: [0, 1]) func `shows thumbnails once they are made`(_ assemblies: Int)
        async throws
    {
        let range = try FrameRange(first: 1, last: 2)
        let job = Job(
            id: id,
            source: SceneObject(
                bucket: "input", key: "a.blend", version: nil, entityTag: "tag", byteCount: 1),
            settings: RenderSettings(
                scene: "Scene", frames: range, engine: .cycles,
                resolution: Resolution(width: 4, height: 4), format: .openEXR),
            chunk: 1, taskCount: 2, created: time.now(), terms: JobTerms(assembles: true),
            state: .succeeded, tally: JobTally(succeeded: 2, assemblies: assemblies, frames: 2))
        _ = try await farm.create(job)
        let frame = FrameName(job: id, number: 1, format: .openEXR)
        await frames.insert([1, 2, 3], as: frame)
        await frames.insert([0xFF, 0xD8], at: JobFile.thumbnail(of: frame).key)
        let views = Views(
            ports: DashboardPorts(
                jobs: farm, tasks: farm, workers: workers, frames: frames, time: time),
            known: [])
        let picture = try await views.picture(id, frame: 1)
        #expect(picture?.bytes == (assemblies > 0 ? [0xFF, 0xD8] : nil))
        #expect(picture.map { $0.type == "image/jpeg" } ?? (assemblies == 0))
        let json = try #require(try await views.jobJSON(id))
        let areShown = "\"areShown\":\(assemblies > 0)"
        #expect(String(decoding: json, as: UTF8.self).contains(areShown))
    }

    @Test(arguments: ["attacker.example", "127.0.0.1.attacker.example:80", ""])
    func `answers to its own name only`(_ host: String) async throws {
        try await serve { address, transport in
            let request = HTTPRequest(
                .get, address + "api/farm", headers: [HTTPField("Host", host)])
            let answer = try await transport.send(request)
            #expect(answer.status == 403)
        }
    }

    @Test func `says so when the farm can't be read`() async throws {
        let faults = Faults()
        faults.breakDown(.listOpenJobs)
        let views = Views(
            ports: DashboardPorts(
                jobs: InMemoryFarm(faults: faults), tasks: farm, workers: workers,
                frames: frames, time: time),
            known: [])
        await #expect(throws: PortError.self) { () async throws in _ = try await views.farmJSON() }
    }
}
