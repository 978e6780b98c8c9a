import Farm
internal import Operations
import FoundationEssentials
import Presentation

/// Reads the farm for the page, at most once a second for all browsers together.
actor Views {
    private struct Cached {
        var time: Timestamp
        var json: Data
    }

    private let ports: DashboardPorts
    private var farm: Cached?
    private var jobs: [JobID: Cached] = [:]
    /// Jobs that the page shows even after they have ended.
    private var known: Set<JobID>
    /// The jobs that ended last.
    private var settled: (time: Timestamp, jobs: [Job])?

    init(ports: DashboardPorts, known: [JobID]) {
        self.ports = ports
        self.known = Set(known)
    }

    func farmJSON() async throws -> Data {
        let now = ports.time.now()
        if let farm, now - farm.time < Self.lifetime { return farm.json }
        var shown = try await ports.jobs.openJobs()
        shown += try await settledJobs(at: now)
        for id in known.subtracting(shown.map(\.id)) {
            if let job = try await ports.jobs.job(id) { shown.append(job) }
        }
        known.formUnion(shown.lazy.filter { !$0.state.isSettled }.map(\.id))
        let workers = try await ports.workers.openWorkers()
        let json = try FarmDocument(jobs: shown, workers: workers).json()
        farm = Cached(time: now, json: json)
        return json
    }

    /// `nil` when there is no such job.
    func jobJSON(_ id: JobID) async throws -> Data? {
        let now = ports.time.now()
        if let cached = jobs[id], now - cached.time < Self.lifetime { return cached.json }
        guard let job = try await ports.jobs.job(id) else { return nil }
        known.insert(id)
        var stored: [FrameName] = []
        if let settings = job.settings {
            stored = try await ports.frames.frames(of: id, format: settings.format)
        }
        let records = JobPageDocument.Records(
            job: job, tasks: try await ports.tasks.allTasks(of: id),
            attempts: try await ports.tasks.attempts(of: id), stored: stored,
            workers: try await ports.workers.openWorkers())
        let json = try JobPageDocument(records, at: now).json()
        jobs[id] = Cached(time: now, json: json)
        return json
    }

    func picture(_ id: JobID, frame: Int) async throws -> (bytes: [UInt8], type: String)? {
        guard let job = try await ports.jobs.job(id), let settings = job.settings else {
            return nil
        }
        let name = FrameName(job: id, number: frame, format: settings.format)
        if job.tally.assemblies > 0, let bytes = try await ports.frames.thumbnail(of: name) {
            return (bytes, ImageFormat.jpeg.contentType)
        }
        guard settings.format.isShownByBrowsers else { return nil }
        guard let bytes = try await ports.frames.picture(name) else { return nil }
        return (bytes, settings.format.contentType)
    }

    /// There may be many, and their number only grows, so they are read only now and then.
    private func settledJobs(at now: Timestamp) async throws -> [Job] {
        if let settled, now - settled.time < Self.settledLifetime { return settled.jobs }
        let all = try await ports.jobs.settledJobs()
        let latest = all.sorted { ($0.settled ?? $0.created) > ($1.settled ?? $1.created) }
            .prefix(Self.settledMax)
        settled = (now, Array(latest))
        return Array(latest)
    }

    private static let lifetime: Duration = .milliseconds(900)
    private static let settledLifetime: Duration = .seconds(20)
    private static let settledMax = 20
}
