import FoundationEssentials
import Subprocess

extension LocalCloud {
    /// How a short command ended, with its output and errors.
    struct CommandResult: Hashable, Sendable {
        let isSuccess: Bool
        let output: String
    }

    func run(
        _ command: [String], environment: [String: String], doing operation: String
    ) async throws(LocalCloudError) -> CommandResult {
        do {
            // env accepts names and paths.
            let result = try await Subprocess.run(
                .name("env"), arguments: Arguments(command),
                environment: .custom(
                    Dictionary(
                        uniqueKeysWithValues: environment.map {
                            (Environment.Key(stringLiteral: $0.key), $0.value)
                        })),
                input: .none, output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
            let isSuccess = if case .exited(0) = result.terminationStatus { true } else { false }
            let texts = [result.standardOutput, isSuccess ? "" : result.standardError]
            return CommandResult(
                isSuccess: isSuccess,
                output: texts.compactMap(\.self).filter { !$0.isEmpty }.joined(separator: "\n"))
        } catch {
            throw LocalCloudError(operation, "\(error)")
        }
    }

    func lastLines(_ log: String) -> String {
        let lines = Self.text(state.log(log)).split(separator: "\n").suffix(5)
        return lines.isEmpty ? "none" : "\n  " + lines.joined(separator: "\n  ")
    }

    static func text(_ path: String) -> String {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}

extension StateFolder {
    /// A missing file is no error.
    func remove(_ file: String) throws(LocalCloudError) {
        guard FileManager.default.fileExists(atPath: file) else { return }
        do {
            try FileManager.default.removeItem(atPath: file)
        } catch {
            throw LocalCloudError("remove \(file)", "\(error)")
        }
    }
}
