internal import Farm
internal import FoundationEssentials

/// One attempt's directory, and its log beside it. Nothing of it outlives the attempt.
struct Workspace {
    let directory: String
    var pictures: String { directory + "/frames" }
    var log: String { directory + "/blender.log" }

    init(for task: TaskID, token: FencingToken, in root: String) throws(PortError) {
        directory = "\(root)/\(task.job).\(task.number).\(token)"
        do {
            try FileManager.default.createDirectory(
                atPath: pictures, withIntermediateDirectories: true)
        } catch {
            throw PortError(.disk, "make room for task \(task) in \(root)", "\(error)")
        }
    }

    /// Removes what an earlier life of this worker left behind when it was killed: no later attempt
    /// has the same name.
    static func clear(_ root: String) throws(PortError) {
        do {
            guard FileManager.default.fileExists(atPath: root) else { return }
            try FileManager.default.removeItem(atPath: root)
        } catch {
            throw PortError(.disk, "clear away \(root)", "\(error)")
        }
    }

    func remove() throws(PortError) {
        do {
            try FileManager.default.removeItem(atPath: directory)
        } catch {
            throw PortError(.disk, "clear away \(directory)", "\(error)")
        }
    }

    /// The end of the log, or `nil` when Blender never wrote one.
    func logTail(bytesMax: Int) throws(PortError) -> [UInt8]? {
        guard FileManager.default.fileExists(atPath: log) else { return nil }
        do {
            let text = try Data(contentsOf: URL(filePath: log), options: .mappedIfSafe)
            return Array(text.suffix(bytesMax))
        } catch {
            throw PortError(.disk, "read \(log)", "\(error)")
        }
    }
}
