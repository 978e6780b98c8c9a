import Farm
import FoundationEssentials
import Presentation
import Testing

@testable import LocalCloud

@Suite struct `The detection table` {
    private static let start = Timestamp(milliseconds: 1_700_000_000_000)

    private func attempt(_ worker: String, until seconds: Double) -> Attempt {
        Attempt(
            task: TaskID(job: JobID("a"), number: 1), token: FencingToken(1),
            lease: Lease(
                worker: WorkerID(worker), pool: Pool(instanceType: "t", zone: "z"),
                start: Self.start + .seconds(-12), until: Self.start),
            end: Self.start + .milliseconds(Int64(seconds * 1000)), outcome: .expired,
            report: nil)
    }

    @Test func `combines the journal, the notices and the attempts`() {
        var lines: [Journal.Line] = []
        for (instance, method, seconds) in [
            ("i-0", "kill", -1.0), ("i-1", "imds", 0), ("i-2", "kill", 0), ("i-3", "imds", 0),
        ] {
            let time = Date(timeIntervalSince1970: 1_700_000_000 + seconds)
            var line = Journal.Line(time: time, kind: .notice, instance: instance)
            line.reason = method
            lines += [line, Journal.Line(time: time, kind: .terminate, instance: instance)]
        }
        let notice = NoticeRecord(
            worker: WorkerID("i-3"), .end(.spotTerminate), by: .instanceMetadata, at: Self.start,
            deadline: nil, framesFinished: 2, lost: .zero)
        let statistics = DetectionStatistics(
            reclaims: lines.reclaims(since: Date(timeIntervalSince1970: 1_700_000_000)),
            notices: [notice],
            attempts: [attempt("i-0", until: 30), attempt("i-2", until: 31.25)])
        #expect(
            DetectionTable(statistics).lines == [
                "notice by    instances  tasks handed on  p50 s  p95 s  p99 s  render lost s  frames finished",
                "imds                 2                0      –      –      –            0.0                2",
                "none (kill)          1                1  31.25  31.25  31.25          ≤12.0                0",
                "Delays: from EC2's notice (kill: from the end of the instance) until the task was in the"
                    + " queue again.",
                "Percentiles by nearest rank: with fewer than 100 tasks p99 is the slowest task,"
                    + " with fewer than 20 p95 is, too.",
                "≤: at most. The farm cannot know what an instance without a report had stored.",
            ])
    }

    @Test func `is empty without interruptions`() {
        let none = DetectionStatistics(reclaims: [], notices: [], attempts: [])
        #expect(DetectionTable(none).lines.isEmpty)
    }
}
