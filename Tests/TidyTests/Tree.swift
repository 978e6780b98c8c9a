import Foundation

/// The package's own files, as the rules read them.
enum Tree {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    struct File: Sendable {
        /// Relative to the package's folder.
        let path: String
        let text: String

        /// `Sources/Farm/Job/Job.swift` belongs to `Farm`.
        var module: String { String(path.split(separator: "/")[1]) }

        var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

        /// The lines without comments.
        var code: [Substring] {
            lines.filter { !$0.drop(while: \.isWhitespace).hasPrefix("//") }
        }
    }

    /// Scanned once: several rules read the same files.
    static let sources = Result { try swift(under: "Sources").map(ScannedFile.init) }
    static let tests = Result { try swift(under: "Tests").map(ScannedFile.init) }

    static func swift(under folder: String) throws -> [File] {
        try files(under: folder, endings: ["swift"])
    }

    /// Files of these kinds at any depth below a folder. A folder that does not exist has none.
    static func files(under folder: String, endings: Set<String>) throws -> [File] {
        let top = root.appending(path: folder)
        guard FileManager.default.fileExists(atPath: top.path()) else { return [] }
        let paths = try FileManager.default.subpathsOfDirectory(atPath: top.path())
        return try paths.sorted().compactMap { path in
            guard let ending = path.split(separator: ".").last, endings.contains(String(ending)),
                !path.contains("Fixtures/")
            else { return nil }
            let text = try String(contentsOf: top.appending(path: path), encoding: .utf8)
            return File(path: folder + "/" + path, text: text)
        }
    }

    /// The files of these kinds that lie in the package's folder itself.
    static func filesAtTop(endings: Set<String>) throws -> [File] {
        try FileManager.default.contentsOfDirectory(atPath: root.path()).sorted().compactMap {
            path in
            guard let ending = path.split(separator: ".").last, endings.contains(String(ending))
            else { return nil }
            return File(
                path: path,
                text: try String(contentsOf: root.appending(path: path), encoding: .utf8))
        }
    }
}

/// A Swift file and what the scanner found in it.
struct ScannedFile: Sendable {
    let file: Tree.File
    let swift: SwiftText
    let functions: [Function]

    init(_ file: Tree.File) {
        self.file = file
        swift = SwiftText(file.text)
        functions = swift.functions
    }
}
