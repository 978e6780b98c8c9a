import FoundationEssentials
import Glibc

/// Where the local cloud keeps everything: one folder, made by `up`, readable by its owner only.
///
///     .spotrender/local/
///       credentials      access key and secret of this cloud's account
///       port             of the AWS APIs; chosen once, since queue addresses hold it
///       settings.json    what `up` was told
///       outputs.json     of the stack
///       launcher.json    the process behind the APIs; plane.json the one behind the instances
///       instances.jsonl  the journal: launches, notices, ends
///       instances/i-…/   one folder an instance: its process, its scene cache, its frames
///       logs/            of the launcher, the plane, each function and each worker
///       aws/             MiniStack's state
package struct StateFolder: Hashable, Sendable {
    /// Absolute, without a closing slash.
    package let path: String

    package init(path: String) {
        precondition(path.hasPrefix("/"), "The state folder's path is absolute.")
        self.path = path
    }

    package var credentials: String { path + "/credentials" }
    package var port: String { path + "/port" }
    package var settings: String { path + "/settings.json" }
    package var outputs: String { path + "/outputs.json" }
    package var launcher: String { path + "/launcher.json" }
    package var plane: String { path + "/plane.json" }
    package var journal: String { path + "/instances.jsonl" }
    package var instances: String { path + "/instances" }
    package var logs: String { path + "/logs" }
    package var environmentScript: String { path + "/env.sh" }

    package func log(_ name: String) -> String { "\(logs)/\(name).log" }
    package func instance(_ id: String) -> String { "\(instances)/\(id)" }

    /// The variable by which every process of this cloud is found again, however it came about.
    package static let marker = "SPOTRENDER_LOCAL_STATE"

    /// Makes the folders that are missing.
    package func create() throws(LocalCloudError) {
        do {
            for folder in [path, instances, logs] {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700])
            }
        } catch {
            throw LocalCloudError(
                "make the folder \(path)", "\(error). Choose another with --state.")
        }
    }

    /// Writes whole or not at all, readable by the owner only.
    package func write(_ text: String, to file: String) throws(LocalCloudError) {
        let partial = file + ".new"
        let manager = FileManager.default
        guard
            manager.createFile(
                atPath: partial, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        else {
            throw LocalCloudError("write \(partial)", "Is the disk full, or the folder another's?")
        }
        // Over what is there, at once: moveItem would have it removed first.
        guard unsafe rename(partial, file) == 0 else {
            throw LocalCloudError("write \(file)", "It can't be put in place: errno \(errno).")
        }
    }

    package func write(_ value: some Encodable, to file: String) throws(LocalCloudError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let text: String
        do {
            text = String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            throw LocalCloudError("write \(file)", "\(error)")
        }
        try write(text + "\n", to: file)
    }

    /// `nil` when there is no such file.
    package func read(_ file: String) -> String? {
        FileManager.default.contents(atPath: file).map { String(decoding: $0, as: UTF8.self) }
    }

    package func read<Value: Decodable>(
        _ type: Value.Type, from file: String
    ) throws(LocalCloudError) -> Value? {
        guard let text = read(file) else { return nil }
        do {
            return try JSONDecoder().decode(type, from: Data(text.utf8))
        } catch {
            throw LocalCloudError(
                "read \(file)", "\(error). Run `spotrender local down`, then `up` again.")
        }
    }
}
