import Foundation
import Testing

/// How long and how wide things may be.
@Suite struct `Sizes` {
    private static let functionLinesMax = 70
    private static let parametersMax = 4
    private static let commentColumnsMax = 100
    private static let mainLinesMax = 60

    private static func everyFunction() throws -> [(path: String, function: Function)] {
        try (Tree.sources.get() + Tree.tests.get()).flatMap { scanned in
            scanned.functions.map { (scanned.file.path, $0) }
        }
    }

    @Test func `a function has at most 70 lines`() throws {
        let long = try Self.everyFunction().filter { $0.function.lineCount > Self.functionLinesMax }
        expectOnlyOwed(
            .functionLength,
            long.map { path, function in
                Offence("\(path): \(function.name)", "\(function.lineCount) lines")
            })
    }

    @Test func `a function takes at most four parameters`() throws {
        let wide = try Self.everyFunction().filter { _, function in
            function.name != "init" && function.parameterCount > Self.parametersMax
        }
        expectOnlyOwed(
            .parameterCount,
            wide.map { path, function in
                Offence("\(path): \(function.name)", "\(function.parameterCount) parameters")
            })
    }

    @Test func `a comment ends within 100 columns`() throws {
        var offences: [Offence] = []
        for scanned in try Tree.sources.get() + Tree.tests.get() {
            let lines = scanned.file.lines
            for comment in scanned.swift.comments
            where lines[comment.line - 1].count > Self.commentColumnsMax {
                offences.append(Offence(scanned.file.path, "line \(comment.line)"))
            }
        }
        for file in try Self.scripts() {
            for (number, line) in file.lines.enumerated()
            where line.drop(while: \.isWhitespace).first == "#"
                && line.count > Self.commentColumnsMax
            {
                offences.append(Offence(file.path, "line \(number + 1)"))
            }
        }
        expectOnlyOwed(.commentWidth, offences)
    }

    private static func scripts() throws -> [Tree.File] {
        let folders = ["Sources", "Tests", "infra", ".ci"]
        let below = try folders.flatMap {
            try Tree.files(under: $0, endings: ["py", "sh", "yaml", "run"])
        }
        let makefile = try String(
            contentsOf: Tree.root.appending(path: "Makefile"), encoding: .utf8)
        return below + [Tree.File(path: "Makefile", text: makefile)]
    }

    @Test func `a program's main file has at most 60 lines`() throws {
        let mains = try Tree.swift(under: "Sources").filter { file in
            file.path.hasSuffix("/main.swift")
                || file.code.contains { $0.hasPrefix("@main") }
        }
        #expect(mains.count >= 5, "every program has one")
        expectOnlyOwed(
            .mainLength,
            mains.filter { $0.lines.count > Self.mainLinesMax + 1 }
                .map { Offence($0.path, "\($0.lines.count - 1) lines") })
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
