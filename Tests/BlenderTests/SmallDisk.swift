import Subprocess
import Testing

/// A file system of 256 KiB in memory. Mounting needs root, which containers may lack.
enum SmallDisk {
    static func isPossible() async throws -> Bool {
        try await withDirectory { directory in
            guard try await run("mount", mountArguments(directory)) else { return false }
            return try await run("umount", [directory])
        }
    }

    static func mounted<Result>(
        at directory: String, _ body: () async throws -> Result
    ) async throws -> Result {
        try #require(try await run("mount", mountArguments(directory)))
        do {
            let result = try await body()
            _ = try await run("umount", [directory])
            return result
        } catch {
            _ = try await run("umount", [directory])
            throw error
        }
    }

    private static func mountArguments(_ directory: String) -> [String] {
        ["-t", "tmpfs", "-o", "size=256k", "tmpfs", directory]
    }

    private static func run(_ program: String, _ arguments: [String]) async throws -> Bool {
        try await Subprocess.run(
            .name(program), arguments: Arguments(arguments), output: .discarded
        ).terminationStatus.isSuccess
    }
}
