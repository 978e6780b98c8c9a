import Farm
import FarmTesting
import Logging
import Testing
import Worker

private let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

@Suite struct `The interruption monitor` {
    @Test func `raises the drain with EC2's notice`() async {
        let (notices, drain, time) = (InMemoryNotices(), DrainSignal(), ManualTime())
        let monitor = InterruptionMonitor(
            source: notices, interval: .seconds(2), time: time, log: log)
        async let end: Void = monitor.run(raising: drain)
        await time.whenAsleep()
        #expect(drain.interruption == nil)
        notices.post(Notice(cause: .spotTerminate, time: "2026-11-21T08:02:00Z"))
        time.advance(by: .seconds(2))
        await end
        #expect(drain.interruption == Interruption(.spotTerminate, by: .instanceMetadata))
    }

    @Test func `takes blindness for no notice, and goes on looking`() async {
        let faults = Faults()
        let (notices, drain, time) = (InMemoryNotices(faults: faults), DrainSignal(), ManualTime())
        faults.breakDown(.readNotice)
        notices.post(Notice(cause: .spotStop, time: "2026-11-21T08:02:00Z"))
        let monitor = InterruptionMonitor(
            source: notices, interval: .seconds(2), time: time, log: log)
        async let end: Void = monitor.run(raising: drain)
        await time.whenAsleep()
        #expect(drain.interruption == nil)
        faults.mend(.readNotice)
        time.advance(by: .seconds(2))
        await end
        #expect(drain.interruption?.cause == .spotStop)
    }
}
