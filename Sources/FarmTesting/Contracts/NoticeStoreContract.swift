package import Farm

/// Where the contract of `NoticeStore` is checked.
package struct NoticeStage: Sendable {
    package let notices: any NoticeStore
    /// Goes into every worker's name, so that a table may serve many runs.
    package let run: String

    package init(notices: any NoticeStore, run: String) {
        self.notices = notices
        self.run = run
    }

    private func worker(_ name: String) -> WorkerID { WorkerID("i-\(name)-\(run)") }

    package static let rules: [ContractRule<NoticeStage>] = [
        ContractRule("A worker without notices has none.") { stage in
            let found = try await stage.notices.notices(of: stage.worker("quiet"))
            try require(found, equals: [], "the notices")
        },
        ContractRule("Notices read back as they were, in the order of their times.") { stage in
            let worker = stage.worker("doomed")
            let start = Timestamp.testStart
            let task = TaskID(job: JobID("shot-1a2b3c4d"), number: 12)
            let written = [
                NoticeRecord(
                    worker: worker, .rebalance, by: .eventBridge, at: start, deadline: nil),
                NoticeRecord(
                    worker: worker, .end(.spotTerminate), by: .eventBridge,
                    at: start + .seconds(60), deadline: start + .seconds(180),
                    responses: NoticeRecord.Response.Action.allCases.map {
                        NoticeRecord.Response(task, $0, visible: start + .seconds(61))
                    }),
                NoticeRecord(
                    worker: worker, .end(.spotTerminate), by: .instanceMetadata,
                    at: start + .seconds(61), deadline: start + .seconds(180),
                    responses: [NoticeRecord.Response(task, .finished)], framesFinished: 3,
                    lost: .milliseconds(1_500)),
            ]
            for notice in written.reversed() { try await stage.notices.record(notice) }
            try await stage.notices.record(
                NoticeRecord(
                    worker: stage.worker("other"), .end(.scaleIn), by: .lifecycleHook, at: start,
                    deadline: nil))
            let found = try await stage.notices.notices(of: worker)
            try require(found, equals: written, "the notices")
        },
        ContractRule("A doubled notice keeps what the first told.") { stage in
            let worker = stage.worker("twice")
            var notice = NoticeRecord(
                worker: worker, .end(.spotStop), by: .eventBridge, at: .testStart, deadline: nil,
                framesFinished: 1)
            try await stage.notices.record(notice)
            let first = notice
            notice.framesFinished = 0
            try await stage.notices.record(notice)
            let found = try await stage.notices.notices(of: worker)
            try require(found, equals: [first], "the notices")
        },
    ]
}
