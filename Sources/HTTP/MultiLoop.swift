internal import CCurl
import Synchronization

/// The thread of a `MultiTransport`, with libcurl's multi handle and its transfers.
///
///     submit ─▶ inbox ─▶ waiting ─(a place is free)─▶ active ─▶ continuation
///                           └──────── canceled ─────────┴─────▶ continuation
///
/// It is Sendable: `inbox` is behind a lock, any thread may call `curl_multi_wakeup` (libcurl's
/// manual), and only the thread that runs `run()` uses everything else.
@safe final class MultiLoop: @unchecked Sendable {
    struct Job: Sendable {
        let transfer: Transfer
        let continuation: CheckedContinuation<Result<HTTPResponse, HTTPError>, Never>
    }

    private struct Inbox {
        var jobs: [Job] = []
        var hasCancellation = false
        var isStopped = false
    }

    private struct Active {
        let job: Job
        let easy: EasyHandle
    }

    private let multi: UnsafeMutableRawPointer
    private let requestsMax: Int
    private let options: EasyHandle.Options
    private let inbox = Mutex(Inbox())

    private var waiting: [Job] = []
    private var active: [UInt: Active] = [:]
    private var idle: [EasyHandle] = []

    init(requestsMax: Int, options: EasyHandle.Options) {
        self.requestsMax = requestsMax
        self.options = options
        // The first easy handle initializes libcurl. The multi handle needs that.
        idle = [EasyHandle()]
        guard let multi = unsafe curl_multi_init() else {
            preconditionFailure("libcurl must make a handle: it fails only without memory")
        }
        unsafe self.multi = unsafe multi
        _ = unsafe ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, requestsMax)
    }

    deinit {
        unsafe curl_multi_cleanup(multi)
    }

    // MARK: From any thread

    /// Starts the thread. It keeps the loop alive until the loop is stopped.
    func start() {
        DedicatedThread.start { self.run() }
    }

    func submit(_ job: Job) { wake { $0.jobs.append(job) } }

    func noticeCancellation() { wake { $0.hasCancellation = true } }

    func stop() { wake { $0.isStopped = true } }

    private func wake(_ change: (inout Inbox) -> Void) {
        inbox.withLock { change(&$0) }
        _ = unsafe curl_multi_wakeup(multi)
    }

    // MARK: On its own thread

    private func run() {
        while true {
            let news = inbox.withLock { inbox in
                defer {
                    inbox.jobs = []
                    inbox.hasCancellation = false
                }
                return inbox
            }
            waiting.append(contentsOf: news.jobs)
            if news.isStopped { return endAll() }
            if news.hasCancellation || !news.jobs.isEmpty { endCanceled() }
            startWaiting()
            var running: Int32 = 0
            let code = unsafe curl_multi_perform(multi, &running)
            precondition(code == CURLM_OK, "Only this thread uses libcurl's multi handle.")
            let isChanged = collectDone()
            // A transfer has ended: start the next one before sleeping.
            if isChanged, !waiting.isEmpty { continue }
            _ = unsafe curl_multi_poll(multi, nil, 0, HTTPLimits.pollMilliseconds, nil)
        }
    }

    private func startWaiting() {
        var started = 0
        while started < waiting.count, active.count < requestsMax {
            start(waiting[started])
            started += 1
        }
        waiting.removeFirst(started)
    }

    private func start(_ job: Job) {
        let easy = idle.popLast() ?? EasyHandle()
        do {
            try easy.prepare(job.transfer, options: options)
            try job.transfer.begin()
        } catch {
            idle.append(easy)
            return job.continuation.resume(returning: .failure(error))
        }
        active[easy.id] = Active(job: job, easy: easy)
        let code = unsafe curl_multi_add_handle(multi, easy.curl)
        precondition(code == CURLM_OK, "A handle is added once.")
    }

    /// Resumes the senders of all finished transfers. Returns whether there were any.
    private func collectDone() -> Bool {
        var isChanged = false
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(multi, &left) {
            guard unsafe message.pointee.msg == CURLMSG_DONE,
                let curl = unsafe message.pointee.easy_handle
            else { continue }
            // Removing the handle frees the message.
            let code = unsafe message.pointee.data.result
            end(UInt(bitPattern: curl), code)
            isChanged = true
        }
        return isChanged
    }

    private func end(_ id: UInt, _ code: CURLcode) {
        guard let done = active.removeValue(forKey: id) else {
            preconditionFailure("libcurl reports the end of a transfer once.")
        }
        _ = unsafe curl_multi_remove_handle(multi, done.easy.curl)
        let result = Result { () throws(HTTPError) in
            try done.job.transfer.finish(code, done.easy.message(for: code))
        }
        idle.append(done.easy)
        done.job.continuation.resume(returning: result)
    }

    private func endCanceled() {
        for (id, entry) in active where entry.job.transfer.isCanceled {
            end(id, CURLE_ABORTED_BY_CALLBACK)
        }
        let canceled = waiting.filter(\.transfer.isCanceled)
        waiting.removeAll(where: \.transfer.isCanceled)
        for job in canceled { refuse(job) }
    }

    private func endAll() {
        for id in Array(active.keys) { end(id, CURLE_ABORTED_BY_CALLBACK) }
        for job in waiting { refuse(job) }
        waiting = []
        idle = []
    }

    private func refuse(_ job: Job) {
        let error = job.transfer.error(.canceled, "canceled before it was sent")
        job.continuation.resume(returning: .failure(error))
    }
}
