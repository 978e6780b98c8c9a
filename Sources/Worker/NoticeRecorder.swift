internal import Farm
internal import Logging

/// Records what this worker did after a notice.
struct NoticeRecorder: Sendable {
    let worker: WorkerID
    let notices: any NoticeStore
    let time: any TimeSource
    let log: Logger

    /// A failure is only logged: a missing record affects statistics and no work.
    ///
    /// - Parameter lost: Render time of the unfinished frame when the render ended.
    func record(
        _ drain: DrainSignal.Drain, _ turn: RenderLoop.Turn? = nil, framesFinished: Int = 0,
        lost: Duration? = nil
    ) async {
        let notice = NoticeRecord(
            worker: worker, .end(drain.interruption.cause), by: drain.interruption.path,
            at: drain.heard, deadline: drain.deadline,
            responses: turn.flatMap(response).map { [$0] } ?? [],
            framesFinished: framesFinished, lost: lost)
        do {
            try await notices.record(notice)
        } catch {
            log.warning("could not record a notice", metadata: ["error": "\(error)"])
        }
    }

    private func response(_ turn: RenderLoop.Turn) -> NoticeRecord.Response? {
        switch turn {
        case .idle, .dropped, .postponed, .leftToOthers: nil
        case .rendered(let task, frameCount: _): .init(task, .finished)
        case .failed(let task, _): .init(task, .failed, visible: time.now())
        case .handedBack(let task, _): .init(task, .handedBack, visible: time.now())
        case .lost(let task): .init(task, .stale)
        }
    }
}
