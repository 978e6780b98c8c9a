import FoundationEssentials
import Testing

@testable import LocalCloud

@Suite struct `The journal's lines` {
    private static let start = Date(timeIntervalSince1970: 1_700_000_000)

    private func line(
        _ kind: Journal.Kind, _ instance: String, at seconds: Double
    ) -> Journal.Line {
        Journal.Line(time: Self.start + seconds, kind: kind, instance: instance)
    }

    @Test func `count the instances that existed during a run`() {
        let lines = [
            line(.launch, "i-before", at: -900), line(.terminate, "i-before", at: -60),
            line(.launch, "i-whole", at: 0), line(.launch, "i-short", at: 10),
            line(.notice, "i-short", at: 15), line(.terminate, "i-short", at: 20),
            line(.launch, "i-half", at: 1800), line(.launch, "i-after", at: 3700),
        ]
        #expect(lines.instanceCount(from: Self.start, to: Self.start + 3600) == 3)
    }
}
