package import Farm
package import Logging

/// Polls the instance metadata for notices of EC2 and Auto Scaling, and raises the drain.
package struct InterruptionMonitor: Sendable {
    private let source: any NoticeSource
    private let limits: WorkerLimits
    private let heartbeat: WorkerHeartbeat
    private let notices: any NoticeStore
    private let time: any TimeSource
    private let log: Logger

    package init(
        source: any NoticeSource, limits: WorkerLimits, heartbeat: WorkerHeartbeat,
        notices: any NoticeStore, time: any TimeSource, log: Logger
    ) {
        self.source = source
        self.limits = limits
        self.heartbeat = heartbeat
        self.notices = notices
        self.time = time
        self.log = log
    }

    /// Returns after a notice that ends the instance, or when canceled.
    ///
    /// A failed poll is no notice. The monitor logs when polls begin to fail and when they succeed
    /// again.
    package func run(raising drain: DrainSignal) async {
        var blindPolls = 0
        var cooledFor: Timestamp?
        while !Task.isCancelled {
            do throws(PortError) {
                for notice in try await source.notices() {
                    switch notice {
                    case .rebalance(let since):
                        guard cooledFor != since else { continue }
                        cooledFor = since
                        await cool(drain, since)
                    case .interruption(let cause, let deadline):
                        end(drain, cause, deadline)
                        return
                    case .termination:
                        end(drain, .scaleIn, nil)
                        return
                    }
                }
                if blindPolls > 0 {
                    log.info(
                        "can read the metadata service again", metadata: ["missed": "\(blindPolls)"]
                    )
                }
                blindPolls = 0
            } catch {
                blindPolls += 1
                if blindPolls == 1 {
                    log.warning(
                        "could not read the metadata service", metadata: ["error": "\(error)"])
                }
            }
            do {
                try await time.sleep(for: limits.noticeInterval)
            } catch {
                return
            }
        }
    }

    private func end(_ drain: DrainSignal, _ cause: Interruption.Cause, _ deadline: Timestamp?) {
        let now = time.now()
        var facts: Logger.Metadata = ["action": "\(cause.rawValue)"]
        facts["secondsLeft"] = deadline.map { "\(Int(($0 - now).seconds))" }
        log.warning("this instance is ending", metadata: facts)
        drain.raise(Interruption(cause, by: .instanceMetadata), at: now, deadline: deadline)
    }

    /// A recommendation ends no task: the running task is rendered to its end.
    private func cool(_ drain: DrainSignal, _ since: Timestamp) async {
        let end = since + WorkerRecord.coolingDuration
        log.info("EC2 recommends to leave this instance")
        drain.cool(until: end)
        let worker = await heartbeat.cool(until: end)
        do {
            try await notices.record(
                NoticeRecord(
                    worker: worker, .rebalance, by: .instanceMetadata, at: since, deadline: nil))
        } catch {
            log.warning("could not record a notice", metadata: ["error": "\(error)"])
        }
    }
}
