internal import Farm
internal import FoundationEssentials

/// The working directory of one attempt, with its logs. It is removed with the attempt.
struct Workspace {
    let directory: String
    var pictures: String { directory + "/frames" }
    var log: String { log("blender") }

    func log(_ name: String) -> String { "\(directory)/\(name).log" }

    init(for task: TaskID, token: FencingToken, in root: String) throws(PortError) {
        directory = "\(root)/\(task.job).\(task.number).\(token)"
        do {
            try FileManager.default.createDirectory(
                atPath: pictures, withIntermediateDirectories: true)
        } catch {
            throw PortError(.disk, "make a directory for task \(task) in \(root)", "\(error)")
        }
    }

    /// Removes directories that an earlier run of this worker left behind when it was killed. No
    /// later attempt uses their names.
    static func clear(_ root: String) throws(PortError) {
        do {
            guard FileManager.default.fileExists(atPath: root) else { return }
            try FileManager.default.removeItem(atPath: root)
        } catch {
            throw PortError(.disk, "remove \(root)", "\(error)")
        }
    }

    func remove() throws(PortError) {
        do {
            try FileManager.default.removeItem(atPath: directory)
        } catch {
            throw PortError(.disk, "remove \(directory)", "\(error)")
        }
    }

    func makeDirectory(_ name: String) throws(PortError) -> String {
        let path = "\(directory)/\(name)"
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        } catch {
            throw PortError(.disk, "make \(path)", "\(error)")
        }
        return path
    }

    /// Writes sentences for the job's owner into a log of its own.
    func note(_ sentences: [String]) throws(PortError) {
        guard !sentences.isEmpty else { return }
        let text = sentences.map { "Spotrender: \($0).\n" }.joined()
        do {
            try Data(text.utf8).write(to: URL(filePath: log("notes")))
        } catch {
            throw PortError(.disk, "write \(log("notes"))", "\(error)")
        }
    }

    /// The end of the logs, in the order they were written; `nil` when Blender wrote none.
    func logTail(bytesMax: Int) throws(PortError) -> [UInt8]? {
        let files = FileManager.default
        do {
            let logs = try files.contentsOfDirectory(atPath: directory)
                .filter { $0.hasSuffix(".log") }.map { "\(directory)/\($0)" }
            let dated = try logs.map { path in
                let attributes = try files.attributesOfItem(atPath: path)
                return (path, attributes[.modificationDate] as? Date ?? .distantPast)
            }
            guard !dated.isEmpty else { return nil }
            let text = try dated.sorted { $0.1 < $1.1 }.reduce(into: Data()) { text, log in
                text += try Data(contentsOf: URL(filePath: log.0), options: .mappedIfSafe)
            }
            return Array(text.suffix(bytesMax))
        } catch {
            throw PortError(.disk, "read the logs in \(directory)", "\(error)")
        }
    }
}
