import Testing

@Suite struct `Sizes` {
    @Test func `a function has at most 70 lines`() throws {
        expectNone(try SizeRules.functionLength())
    }

    @Test func `a function takes at most four parameters`() throws {
        expectNone(try SizeRules.parameterCount())
    }

    @Test func `a comment ends within 100 columns`() throws {
        expectNone(try SizeRules.commentWidth())
    }

    @Test func `a program's main file has at most 60 lines`() throws {
        expectNone(try SizeRules.mainLength())
    }

    @Test func `a Lambda and the worker hold little beside their mains`() throws {
        for main in ["job-splitter", "spot-interruption-handler", "fleet-scaler", "render-worker"] {
            let files = try Tree.swift(under: "Sources/\(main)")
            let count = files.reduce(0) { $0 + $1.lines.count }
            #expect(count <= 91, "Sources/\(main) has \(count) lines: it reads settings and wires")
        }
    }

    @Test func `a file has at most 300 lines, a test's 400`() throws {
        for file in try Tree.swift(under: "Sources") {
            #expect(file.lines.count <= 301, "\(file.path) has \(file.lines.count) lines")
        }
        for file in try Tree.swift(under: "Tests") {
            #expect(file.lines.count <= 401, "\(file.path) has \(file.lines.count) lines")
        }
    }
}
