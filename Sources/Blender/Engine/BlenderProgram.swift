package import Farm
import Subprocess
import SystemPackage

/// Which Blender is run, and in what surroundings.
package struct BlenderProgram: Hashable, Sendable {
    /// A path, or a name that is looked for in `searchPath`.
    package let name: String
    /// Directories separated by colons, as in PATH.
    package let searchPath: String

    package init(_ name: String = "blender", searchPath: String = "/usr/local/bin:/usr/bin:/bin") {
        self.name = name
        self.searchPath = searchPath
    }

    /// Asks the program for its version: the worker's first act, so that a machine without
    /// Blender says so once and takes no task.
    package func version() async throws(RenderFailure) -> BlenderVersion {
        let output: String
        do {
            let result = try await Subprocess.run(
                executable, arguments: ["--version"], environment: environment(home: "/tmp"),
                output: .string(limit: 64 << 10), error: .discarded)
            output = result.standardOutput
        } catch {
            throw missing(error)
        }
        guard let version = BlenderVersion(parsing: output) else {
            throw RenderFailure(
                .noBlender,
                "“\(name) --version” does not answer as Blender does: it printed "
                    + "“\(output.prefix(200))”. \(Self.advice)")
        }
        return version
    }

    var executable: Executable {
        name.contains("/") ? .path(FilePath(name)) : .name(name)
    }

    /// Nothing of the worker's own environment: it holds credentials, and a scene is not ours.
    func environment(home: String) -> Environment {
        .custom([
            "PATH": searchPath, "HOME": home, "TMPDIR": home, "LANG": "C.UTF-8",
        ])
    }

    func missing(_ error: any Error) -> RenderFailure {
        RenderFailure(
            .noBlender, "Blender can't be started as “\(name)”: \(error) \(Self.advice)")
    }

    private static let advice =
        "Install Blender on the worker, or set SPOTRENDER_BLENDER to its path (or paths, by colons)."
}
