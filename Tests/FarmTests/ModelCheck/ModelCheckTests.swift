import Farm
import Testing

/// Every world within a number of steps, each looked at once: breadth first, so that the way to the
/// first violation is the shortest.
private struct Exploration {
    struct Violation {
        let sentence: String
        /// The worlds on the way to it, the last one being the wrong one.
        let trace: [TaskModel]
    }

    private(set) var worlds: [TaskModel]
    private(set) var violation: Violation?
    private var parents = [0]

    init(depth: Int, _ flaw: TaskModel.Flaw? = nil) throws {
        worlds = [try TaskModel()]
        var seen: Set<TaskModel> = Set(worlds)
        var recovered: Set<TaskModel.Remains> = []
        var layer = 0..<1
        for _ in 0..<depth {
            for parent in layer {
                for world in worlds[parent].successors(flaw) where seen.insert(world).inserted {
                    worlds.append(world)
                    parents.append(parent)
                    var sentence = world.violation(after: worlds[parent])
                    if recovered.insert(world.remains).inserted, !world.canRecover(flaw) {
                        sentence = sentence ?? "a success can be reached from everywhere"
                    }
                    guard let sentence else { continue }
                    violation = Violation(sentence: sentence, trace: trace)
                    return
                }
            }
            layer = layer.upperBound..<worlds.count
        }
    }

    /// From the beginning to the last world found.
    private var trace: [TaskModel] {
        var indices = [worlds.count - 1]
        while let last = indices.last, last != 0 { indices.append(parents[last]) }
        return indices.reversed().map { worlds[$0] }
    }
}

@Suite struct `All ways of two workers, a notice, a repair pass and doubled messages` {
    /// Deep enough for two leases, with everyone in the way of the other.
    private static let depth = 13

    @Test func `lose nothing, commit nothing twice and are never stuck`() throws {
        let exploration = try Exploration(depth: Self.depth)
        #expect(exploration.violation == nil, "\(String(describing: exploration.violation))")
        // The deepest worlds have what the check is about.
        #expect(exploration.worlds.contains { $0.successCount == 1 && $0.leaseCount == 2 })
        #expect(exploration.worlds.contains { $0.task.interruptionCount == 2 })
        #expect(exploration.worlds.contains { $0.isPromised && $0.task.interruptionCount == 1 })
        #expect(exploration.worlds.count > 10_000)
    }

    @Test(arguments: [
        (TaskModel.Flaw.writesAreUnconditional, "there are as many attempts as leases that ended"),
        (.tokensAreNotKept, "a late write is refused"),
        (.nothingIsReminded, "a success can be reached from everywhere"),
        (.promisesAreForgotten, "a warning leaves what is promised"),
    ])
    func `go wrong when a rule is broken`(_ flaw: TaskModel.Flaw, _ sentence: String) throws {
        let violation = try #require(try Exploration(depth: Self.depth + 1, flaw).violation)
        #expect(violation.sentence == sentence)
    }
}
