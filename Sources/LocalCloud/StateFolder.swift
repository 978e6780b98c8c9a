import FoundationEssentials
import Glibc

/// The folder in which the local cloud keeps everything. `up` creates it for its owner only.
///
///     .spotrender/local/
///       credentials      access key and secret of this cloud's account
///       port             of the AWS APIs; chosen once, because queue addresses contain it
///       settings.json    the options of `up`
///       outputs.json     the stack's outputs
///       launcher.json    the process that serves the AWS APIs
///       emulator.json    the process that runs the instances
///       instances.jsonl  the journal: launches, notices, ends
///       instances/i-…/   one folder for each instance: its scene cache and its frames
///       logs/            of the launcher, the emulator, each function and each worker
///       aws/             MiniStack's state
package struct StateFolder: Hashable, Sendable {
    /// Absolute, without a slash at the end.
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
    package var emulator: String { path + "/emulator.json" }
    package var journal: String { path + "/instances.jsonl" }
    package var instances: String { path + "/instances" }
    package var logs: String { path + "/logs" }
    package var environmentScript: String { path + "/env.sh" }

    package func log(_ name: String) -> String { "\(logs)/\(name).log" }
    package func instance(_ id: String) -> String { "\(instances)/\(id)" }

    /// Every process of this cloud has this variable, so that `down` finds all of them.
    package static let marker = "SPOTRENDER_LOCAL_STATE"

    /// Creates the folders that are missing.
    package func create() throws(LocalCloudError) {
        do {
            for folder in [path, instances, logs] {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700])
            }
        } catch {
            throw LocalCloudError(
                "create the folder \(path)", "\(error). Choose another with --state.")
        }
    }

    /// Replaces the file in one step. Only the owner can read it.
    package func write(_ text: String, to file: String) throws(LocalCloudError) {
        let partial = file + ".new"
        let manager = FileManager.default
        guard
            manager.createFile(
                atPath: partial, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        else {
            throw LocalCloudError(
                "write \(partial)",
                "The disk may be full, or the folder may belong to another user.")
        }
        // rename replaces an existing file in one step. moveItem would need its removal first.
        guard unsafe rename(partial, file) == 0 else {
            throw LocalCloudError("write \(file)", "Moving it into place failed: errno \(errno).")
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
