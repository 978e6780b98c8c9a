import Farm
import Foundation
import Testing

@Suite struct `An estimate` {
    private static let book = PriceBook(
        region: "here", onDemand: ["twice": Money(nanodollars: 3_600_000_000), "dear": .zero],
        source: "test", speeds: ["twice": MachineSpeed(processors: 8, coreMark: 2000)])

    private static func estimate(
        frames: Int = 10, types: [String] = ["twice"], counts: [Int] = [1, 3, 11]
    ) -> Estimate {
        var assumed = Estimate.Assumptions()
        assumed.boot = .seconds(20)
        assumed.spotPercent = 25
        return Estimate(
            Estimate.Probe(frame: 5, duration: .seconds(40), opening: .seconds(10)),
            frameCount: frames, here: MachineSpeed(processors: 4, coreMark: 1000), types: types,
            counts: counts, book: book, assuming: assumed)
    }

    @Test func `depends on the machines' speeds and on the slowest instance`() {
        let rows = Self.estimate().rows
        // Eleven instances for ten frames are too many.
        #expect(rows.map(\.instances) == [1, 3])
        #expect(rows.allSatisfy { $0.frame == .seconds(20) })
        // Boot and opening, then ten frames; of three instances one has four.
        #expect(rows.map(\.wall) == [.seconds(30 + 200), .seconds(30 + 80)])
    }

    @Test func `charges every instance by the second, from launch to its last frame`() {
        let rows = Self.estimate().rows
        // A thousandth of a dollar a second: 230 s; 110 s and twice 90 s.
        #expect(rows.map(\.onDemand.nanodollars) == [230_000_000, 290_000_000])
        #expect(rows.map(\.spot.nanodollars) == [57_500_000, 72_500_000])
    }

    @Test func `charges at least a minute`() {
        let row = Self.estimate(frames: 1, counts: [1]).rows[0]
        #expect(row.wall == .seconds(50) && row.onDemand.nanodollars == 60_000_000)
    }

    @Test func `names types whose price or speed it does not know`() {
        let estimate = Self.estimate(types: ["dear", "twice", "none"])
        #expect(estimate.unknownTypes == ["dear", "none"] && !estimate.rows.isEmpty)
    }

    @Test func `knows price and speed of every type in the stack`() throws {
        let types = Estimate.usualTypes.split(separator: ",").map(String.init)
        let book = PriceBook.builtIn
        #expect(types.allSatisfy { book.onDemand[$0] != nil && book.speeds[$0] != nil })
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let template = try String(
            contentsOf: root.appending(path: "infra/fleet.yaml"), encoding: .utf8)
        #expect(template.contains("      \(Estimate.usualTypes)\n"))
    }
}
