import Foundation

/// How long and how wide things may be.
enum SizeRules {
    private static let functionLinesMax = 70
    private static let parametersMax = 4
    private static let commentColumnsMax = 100
    private static let mainLinesMax = 60

    private static func everyFunction() throws -> [(path: String, function: Function)] {
        try (Tree.sources.get() + Tree.tests.get()).flatMap { scanned in
            scanned.functions.map { (scanned.file.path, $0) }
        }
    }

    static func functionLength() throws -> [Offence] {
        let long = try everyFunction().filter { $0.function.lineCount > functionLinesMax }
        return long.map { path, function in
            Offence("\(path): \(function.name)", "\(function.lineCount) lines")
        }
    }

    static func parameterCount() throws -> [Offence] {
        let wide = try everyFunction().filter { _, function in
            function.name != "init" && function.parameterCount > parametersMax
        }
        return wide.map { path, function in
            Offence("\(path): \(function.name)", "\(function.parameterCount) parameters")
        }
    }

    static func commentWidth() throws -> [Offence] {
        var offences: [Offence] = []
        for scanned in try Tree.sources.get() + Tree.tests.get() {
            let lines = scanned.file.lines
            for comment in scanned.swift.comments
            where lines[comment.line - 1].count > commentColumnsMax {
                offences.append(Offence(scanned.file.path, "line \(comment.line)"))
            }
        }
        for file in try scripts() {
            for (number, line) in file.lines.enumerated()
            where line.drop(while: \.isWhitespace).first == "#"
                && line.count > commentColumnsMax
            {
                offences.append(Offence(file.path, "line \(number + 1)"))
            }
        }
        return offences
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

    static func mainLength() throws -> [Offence] {
        let mains = try Tree.swift(under: "Sources").filter { file in
            file.path.hasSuffix("/main.swift")
                || file.code.contains { $0.hasPrefix("@main") }
        }
        return mains.filter { $0.lines.count > mainLinesMax + 1 }
            .map { Offence($0.path, "\($0.lines.count - 1) lines") }
    }
}
