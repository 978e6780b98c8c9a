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
            // What an earlier life of this worker left behind.
            if FileManager.default.fileExists(atPath: directory) {
                try FileManager.default.removeItem(atPath: directory)
            }
            try FileManager.default.createDirectory(
                atPath: pictures, withIntermediateDirectories: true)
        } catch {
            throw PortError(.disk, "make room for task \(task) in \(root)", "\(error)")
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
