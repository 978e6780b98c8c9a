package import Farm
import FoundationEssentials

/// Where the contract of `SliceStore` is checked.
package struct SliceStage: Sendable {
    package let slices: any SliceStore
    /// Goes into every job's name.
    package let run: String
    /// An empty directory of the test's own.
    package let directory: String

    package init(slices: any SliceStore, run: String, directory: String) {
        self.slices = slices
        self.run = run
        self.directory = directory
    }

    private func frame(_ name: String, _ number: Int = 1) -> FrameName {
        FrameName(job: JobID("\(name)-\(run)"), number: number, format: .png)
    }

    private func file(_ bytes: [UInt8]) throws -> String {
        let path = directory + "/slice.exr"
        try Data(bytes).write(to: URL(filePath: path))
        return path
    }

    private static let first = SampleRange(start: 0, count: 64)
    private static let last = SampleRange(start: 64, count: 12_000)

    package static let rules: [ContractRule<SliceStage>] = [
        ContractRule("Slices are listed once stored, a frame's only, and read back.") { stage in
            let frame = stage.frame("slices")
            try require(try await stage.slices.ranges(of: frame), equals: [], "the slices")
            for (range, bytes) in [(first, [1, 2]), (last, [3]), (first, [1, 2])] as [(_, [UInt8])]
            {
                try await stage.slices.store(range, of: frame, from: try stage.file(bytes))
            }
            // Its name begins as the frame's does.
            let other = stage.frame("slices", 10_001)
            try await stage.slices.store(first, of: other, from: try stage.file([9]))
            let listed = try await stage.slices.ranges(of: frame)
            try require(listed.count, equals: 2, "how many there are")
            try require(Set(listed), equals: [first, last], "the slices")
            let path = stage.directory + "/fetched.exr"
            try await stage.slices.download(last, of: frame, to: path)
            let fetched = [UInt8](try Data(contentsOf: URL(filePath: path)))
            try require(fetched, equals: [3], "the slice")
        },
        ContractRule("A slice that is not there is missing.") { stage in
            do {
                try await stage.slices.download(
                    first, of: stage.frame("nothing"), to: stage.directory + "/nothing.exr")
            } catch let error as PortError {
                return try require(error.kind, equals: .missing, "the kind of \(error)")
            }
            throw ContractViolation("A slice that is not there was fetched.")
        },
        ContractRule("A slice that can't be read is the disk's fault.") { stage in
            let frame = stage.frame("unreadable")
            do {
                try await stage.slices.store(
                    first, of: frame, from: stage.directory + "/no-such-file.exr")
            } catch let error as PortError {
                try require(error.kind, equals: .disk, "the kind of \(error)")
                return try require(
                    try await stage.slices.ranges(of: frame), equals: [], "the slices")
            }
            throw ContractViolation("A slice that is not there was stored.")
        },
        ContractRule("The first proposal of shares stays, and is no slice.") { stage in
            let frame = stage.frame("shares")
            try require(try await stage.slices.shares(of: frame), equals: nil, "the shares")
            for count in [4, 2, 4] {
                let agreed = try await stage.slices.agree(onShares: count, of: frame)
                try require(agreed, equals: 4, "what is agreed")
            }
            try require(try await stage.slices.shares(of: frame), equals: 4, "the shares")
            try require(try await stage.slices.ranges(of: frame), equals: [], "the slices")
        },
        ContractRule("What is removed is gone, and another frame's stays.") { stage in
            let (frame, other) = (stage.frame("removed"), stage.frame("removed", 2))
            try await stage.slices.removeAll(of: frame)
            for name in [frame, other] {
                try await stage.slices.store(first, of: name, from: try stage.file([1]))
                _ = try await stage.slices.agree(onShares: 2, of: name)
            }
            try await stage.slices.removeAll(of: frame)
            try require(try await stage.slices.ranges(of: frame), equals: [], "the slices")
            try require(try await stage.slices.shares(of: frame), equals: nil, "the shares")
            try require(try await stage.slices.ranges(of: other), equals: [first], "the other's")
            try require(try await stage.slices.shares(of: other), equals: 2, "the other's shares")
        },
    ]
}
