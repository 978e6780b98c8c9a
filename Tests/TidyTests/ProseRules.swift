import Foundation

/// Names, comments, messages and documents.
enum ProseRules {
    /// Phrases that slowed readers down in the past. `shared/design/STYLE.md` has the pairs.
    private static let offenders = [
        "told of", "told", "untold", "tells", "tell", "hears", "heard of", "it is so", "is not so",
        "of which", "what ails", "without a word", "begun anew", "anew", "whoever", "whatsoever",
        "as far as", "at the least", "at the most", "for so long", "in each way there is",
        "stands with", "stand with", "is none", "are none", "nobody is", "to be had", "as paid",
        "who dies", "at whose", "is gone without", "one that", "spares the",
    ]

    static func plainPhrases() throws -> [Offence] {
        var offences: [Offence] = []
        for scanned in try Tree.sources.get() where scanned.file.module != "FarmTesting" {
            for string in scanned.swift.strings {
                offences += find(
                    in: string.text, path: scanned.file.path, line: string.line)
            }
        }
        for file in try documents() {
            for (number, line) in file.lines.enumerated() {
                // Python's operator is no prose.
                let text = String(line).replacing(" is None", with: "")
                offences += find(in: text, path: file.path, line: number + 1)
            }
        }
        return offences
    }

    private static func documents() throws -> [Tree.File] {
        try Tree.filesAtTop(endings: ["md"]) + Tree.files(under: "docs", endings: ["md"])
            + Tree.files(under: "Sources", endings: ["md"])
            + Tree.files(under: "infra", endings: ["md", "py", "sh"])
    }

    private static func find(in text: String, path: String, line: Int) -> [Offence] {
        PhraseFinder.phrases(offenders, in: text).map {
            Offence(path, "line \(line): “\($0)”")
        }
    }

    /// Former names of types, functions and properties.
    private static let formerNames: Set<String> = [
        "BlenderShelf", "BlenderKeeper", "Errand", "Commission", "BlenderRun", "Observation",
        "Surroundings", "Turnstile", "Arrivals", "SliceCover", "Presence", "NoticeKeeper",
        "TaskLedger", "NoteRefusal", "PoolRefusal", "Wish", "RenderStop", "SliceStop", "Bench",
        "markTold", "listUntoldJobs", "untoldJobs", "untoldMax", "untoldCount", "untoldAttempts",
        "claimTelling", "remarkOnJob", "SpotPlane", "PlanePolicy", "PlaneRecord", "PlaneStatus",
        "PlaneProgram", "PlaneControl", "PlaneCloud", "AWSPlaneCloud", "endPlane", "startPlane",
        "LocalRun", "NoteRefusals", "FleetReport",
    ]

    static func oldNames() throws -> [Offence] {
        var offences: [Offence] = []
        for scanned in try Tree.sources.get() + Tree.tests.get()
        where scanned.file.module != "TidyTests" {
            for (number, line) in scanned.file.lines.enumerated() {
                let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_") }
                for word in words where formerNames.contains(String(word)) {
                    offences.append(Offence(scanned.file.path, "line \(number + 1): \(word)"))
                }
            }
        }
        return offences
    }

    static func plane() throws -> [Offence] {
        var offences: [Offence] = []
        for scanned in try Tree.sources.get() + Tree.tests.get()
        where scanned.file.module != "TidyTests" {
            for (number, line) in scanned.file.lines.enumerated()
            where line.contains("lane") && line.contains(/[a-z]Plane|Plane[A-Z]|\bplanes?\b/) {
                offences.append(Offence(scanned.file.path, "line \(number + 1): \(line)"))
            }
        }
        return offences
    }

    static func decisionNumbers() throws -> [Offence] {
        let records = try ["Sources", "docs"].flatMap { try Tree.files(under: $0, endings: ["md"]) }
            .compactMap { $0.path.firstMatch(of: /Decisions\/([0-9]{4})-[^\/]*\.md$/) }
        let numbers = records.compactMap { Int($0.output.1) }.sorted()
        let wanted = Array(1..<max(numbers.count, 1) + 1)
        return numbers == wanted ? [] : [Offence("Decisions", "the numbers are \(numbers)")]
    }

    /// Types of Swift, Blender and AWS that our comments name.
    private static let foreign: Set<String> = ["ImageFormatData"]
    /// What follows a point in a file's name.
    private static let fileEndings: Set<String> = [
        "swift", "md", "py", "sh", "json", "yaml", "blend", "js", "html", "css", "csv", "env",
    ]

    static func namedSymbols() throws -> [Offence] {
        let scanned = try Tree.sources.get() + Tree.tests.get()
        var members: [String: Set<String>] = [:]
        for body in scanned.flatMap(\.swift.typeBodies) {
            members[body.name, default: []].formUnion(body.members)
        }
        let declared = members.values.reduce(into: Set(members.keys)) { $0.formUnion($1) }
        var offences: [Offence] = []
        for file in scanned {
            for comment in file.swift.comments {
                for symbol in SymbolFinder.symbols(in: comment.text)
                where !exists(symbol, members: members, declared: declared) {
                    offences.append(
                        Offence(
                            file.file.path,
                            "line \(comment.line): no \(symbol.joined(separator: "."))"))
                }
            }
        }
        return offences
    }

    private static func exists(
        _ symbol: [String], members: [String: Set<String>], declared: Set<String>
    ) -> Bool {
        guard let type = symbol.first, let member = symbol.last else { return true }
        if symbol.count == 1 { return declared.contains(type) }
        if foreign.contains(type) || fileEndings.contains(member) { return true }
        let owner = symbol[symbol.count - 2]
        return members[owner]?.contains(member) ?? false
    }
}
