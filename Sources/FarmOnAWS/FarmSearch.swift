/// The farms' files in `.spotrender`, in the nearest folder that has any.
///
///     current folder ─▶ folder above ─▶ … ─▶ the folder that holds .git, or the home folder
///
/// The search ends there, so a file in `/tmp` or `/` names nobody's farm. Outside a repository and
/// the home folder, only the current folder counts. Files and folders that another user can change
/// are not read.
struct FarmSearch: Hashable, Sendable {
    /// Paths of the farms' files by the farms' names.
    private(set) var known: [String: String] = [:]
    private(set) var untrusted: [String] = []
    private var texts: [String: String] = [:]

    init(from folder: String, home: String?, _ files: FarmAddress.Files) {
        for folder in Self.folders(from: folder, home: home, files) {
            look(in: folder, files)
            if !known.isEmpty { return }
        }
    }

    /// The farm of a name, or the only farm.
    func file(_ name: String?) throws(FarmAddressError) -> FarmFile {
        if known.isEmpty, !untrusted.isEmpty { throw .untrusted(untrusted) }
        if let name {
            guard let path = known[name], let text = texts[path] else {
                throw .unknown(name, known: known.keys.sorted())
            }
            return FarmFile(text, at: path)
        }
        guard let only = known.first, let text = texts[only.value] else { throw .none }
        guard known.count == 1 else { throw .several(known.keys.sorted()) }
        return FarmFile(text, at: only.value)
    }

    private mutating func look(in folder: String, _ files: FarmAddress.Files) {
        let state = Self.join(folder, ".spotrender")
        guard files.facts(state) != nil else { return }
        guard isTrusted(folder, files), isTrusted(state, files) else { return }
        for name in files.list(state).sorted() where name.hasSuffix(".env") {
            add("\(state)/\(name)", as: String(name.dropLast(4)), files)
        }
        let script = "\(state)/local/env.sh"
        guard files.facts(script) != nil, isTrusted("\(state)/local", files) else { return }
        add(script, as: "local", files)
    }

    private mutating func add(_ path: String, as name: String, _ files: FarmAddress.Files) {
        // A pipe would wait for a writer.
        guard files.facts(path)?.isFile == true, isTrusted(path, files),
            let text = files.read(path)
        else { return }
        known[name] = path
        texts[path] = text
    }

    private mutating func isTrusted(_ path: String, _ files: FarmAddress.Files) -> Bool {
        guard let facts = files.facts(path) else { return false }
        guard facts.isTrusted(by: files.user) else {
            untrusted.append(path)
            return false
        }
        return true
    }

    private static func folders(
        from folder: String, home: String?, _ files: FarmAddress.Files
    ) -> [String] {
        var folders: [String] = []
        var folder = folder
        // A path has fewer parts than characters.
        for _ in 0...folder.utf8.count {
            folders.append(folder)
            if folder == home || files.facts(join(folder, ".git")) != nil { return folders }
            guard folder != "/", let slash = folder.lastIndex(of: "/") else { break }
            folder = slash == folder.startIndex ? "/" : String(folder[..<slash])
        }
        return Array(folders.prefix(1))
    }

    private static func join(_ folder: String, _ name: String) -> String {
        folder == "/" ? "/\(name)" : "\(folder)/\(name)"
    }
}
