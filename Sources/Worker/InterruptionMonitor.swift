package import Farm
package import Logging

/// Polls the instance metadata for EC2's notice, and raises the drain when it comes.
package struct InterruptionMonitor: Sendable {
    private let source: any NoticeSource
    private let interval: Duration
    private let time: any TimeSource
    private let log: Logger

    package init(
        source: any NoticeSource, interval: Duration, time: any TimeSource, log: Logger
    ) {
        self.source = source
        self.interval = interval
        self.time = time
        self.log = log
    }

    /// Ends with the notice, or when canceled.
    ///
    /// Not knowing is not a notice: faults are counted, and logged when they begin and end.
    package func run(raising drain: DrainSignal) async {
        var blindPolls = 0
        while !Task.isCancelled {
            do {
                if let notice = try await source.notice() {
                    log.warning(
                        "EC2 takes this instance away",
                        metadata: ["action": "\(notice.cause.rawValue)", "time": "\(notice.time)"])
                    drain.raise(Interruption(notice.cause, by: .instanceMetadata))
                    return
                }
                if blindPolls > 0 {
                    log.info(
                        "hears the metadata service again", metadata: ["missed": "\(blindPolls)"])
                }
                blindPolls = 0
            } catch {
                blindPolls += 1
                if blindPolls == 1 {
                    log.warning("can't hear the metadata service", metadata: ["error": "\(error)"])
                }
            }
            do {
                try await time.sleep(for: interval)
            } catch {
                return
            }
        }
    }
}
