package import Farm
import FoundationEssentials
import Subprocess
import SystemPackage

/// A Blender executable and its environment.
package struct BlenderProgram: Hashable, Sendable {
    /// A path, or a name in `searchPath`.
    package let name: String
    /// Directories separated by colons, as in PATH.
    package let searchPath: String
    /// `nil`: Blender runs like any other program of the worker's user.
    package let sandbox: Sandbox?
    /// Whether it needs a display to draw with OpenGL.
    package let needsDisplay: Bool

    package init(
        _ name: String = "blender", searchPath: String = "/usr/local/bin:/usr/bin:/bin",
        sandbox: Sandbox? = nil, needsDisplay: Bool = false
    ) {
        self.name = name
        self.searchPath = searchPath
        self.sandbox = sandbox
        self.needsDisplay = needsDisplay
    }

    /// Asks the program for its version. A worker does this first, so a machine without Blender
    /// reports that once and takes no task.
    package func version() async throws(RenderFailure) -> BlenderVersion {
        let command = command(Sandbox.View(), hasDisplay: false)
        let printed: (output: String, error: String)
        do {
            let result = try await Subprocess.run(
                .program(command[0]), arguments: Arguments(command.dropFirst() + ["--version"]),
                environment: environment(home: "/tmp"),
                output: .string(limit: 64 << 10), error: .string(limit: 64 << 10))
            printed = (result.standardOutput, result.standardError)
        } catch {
            throw missing(error)
        }
        guard let version = BlenderVersion(parsing: printed.output) else {
            throw RenderFailure(
                .noBlender,
                "“\(name) --version” does not answer like Blender. It printed "
                    + "“\((printed.output + printed.error).prefix(200))”. \(Self.advice)"
                    + (sandbox == nil ? "" : " \(Self.sandboxAdvice)"))
        }
        return version
    }

    /// The start of a command line, without Blender's own arguments.
    func command(_ view: Sandbox.View, hasDisplay: Bool) -> [String] {
        var view = view
        var command = [name]
        if sandbox != nil, let path {
            command = [path]
            view.files.append(FilePath(path).removingLastComponent().string)
        }
        if hasDisplay { command = VirtualDisplay.wrapping(command) }
        return sandbox?.wrapping(command, view) ?? command
    }

    /// bubblewrap reports a signal that ended Blender in the way of a shell: 128 plus its number.
    func status(_ status: TerminationStatus) -> TerminationStatus {
        guard sandbox != nil, case .exited(let code) = status, (129...192).contains(code) else {
            return status
        }
        return .signaled(code - 128)
    }

    /// The program's path with links resolved. Blender's own files lie beside it.
    private var path: String? {
        let paths =
            name.contains("/")
            ? [name] : searchPath.split(separator: ":").map { "\($0)/\(name)" }
        return paths.first(where: FileManager.default.isExecutableFile)
            .map { URL(filePath: $0).resolvingSymlinksInPath().path }
    }

    /// Contains nothing of the worker's own environment, which holds credentials.
    func environment(home: String) -> Environment {
        .custom([
            "PATH": searchPath, "HOME": home, "TMPDIR": home, "LANG": "C.UTF-8",
        ])
    }

    func missing(_ error: any Error) -> RenderFailure {
        RenderFailure(
            .noBlender, "Blender can't be started as “\(name)”: \(error) \(Self.advice)")
    }

    static let advice =
        "Install Blender on the worker, or set SPOTRENDER_BLENDER to its path. Colons separate paths."

    private static let sandboxAdvice =
        "In its sandbox it sees /usr, /opt and the program's own folder. If it needs more, move it to "
        + "/opt, or set SPOTRENDER_SANDBOX=off."
}

extension Executable {
    /// A path, or a name in PATH.
    static func program(_ name: String) -> Executable {
        name.contains("/") ? .path(FilePath(name)) : .name(name)
    }
}
