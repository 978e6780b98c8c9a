internal import Farm
import FoundationEssentials

/// Separate namespaces for a Blender, made by bubblewrap. Scenes come from outside and can run
/// programs.
///
///     reads      the system's programs and libraries, Blender's own files, the scene
///     writes     a directory of its own
///     uses       graphics devices
///     lacks      a network, and so the instance's metadata and its credentials;
///                other processes, and so the worker's environment;
///                other scenes and attempts, homes, settings, privileges
///
/// Every process in the sandbox ends with the worker, even when the worker is killed. bubblewrap
/// asks the kernel to kill it together with the thread that started it. That thread belongs to
/// Subprocess and lives as long as the worker. A process namespace ends with its first process.
package struct Sandbox: Hashable, Sendable {
    /// bubblewrap: a path, or a name in PATH.
    let program: String
    /// Device files of graphics processors.
    let devices: [String]

    package init(program: String = "bwrap", devices: [String] = GraphicsDevices.present) {
        self.program = program
        self.devices = devices
    }

    /// Absolute paths of this machine that are visible, beyond what every Blender needs.
    struct View: Hashable, Sendable {
        /// Readable and writable.
        var directory: String?
        /// Readable files and folders. Missing ones are skipped.
        var files: [String] = []
    }

    /// A command that runs `command` in the sandbox.
    func wrapping(_ command: [String], _ view: View) -> [String] {
        var arguments = [
            program, "--unshare-all", "--die-with-parent", "--cap-drop", "ALL",
            "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp",
            // Blender reads the list of file systems.
            "--symlink", "/proc/self/mounts", "/etc/mtab",
        ]
        for path in Self.system { arguments += ["--ro-bind-try", path, path] }
        for path in devices { arguments += ["--dev-bind-try", path, path] }
        if let directory = view.directory {
            arguments += ["--bind", directory, directory, "--chdir", directory]
        }
        for path in view.files { arguments += ["--ro-bind-try", path, path] }
        return arguments + ["--"] + command
    }

    /// Programs and libraries, and the files by which libraries find each other, fonts and drivers.
    private static let system =
        [
            "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/opt", "/sys",
            "/var/cache/fontconfig",
        ]
        + [
            "alternatives", "fonts", "glvnd", "ld.so.cache", "ld.so.conf", "ld.so.conf.d",
            "localtime",
            "nvidia", "OpenCL", "vulkan",
        ].map { "/etc/\($0)" }
}

extension RenderRequest {
    /// The files that Blender needs for this request.
    var view: Sandbox.View { Sandbox.View(directory: directory, files: [sceneFiles]) }

    /// The .blend file, or the folder of its project: the file refers to other files there.
    private var sceneFiles: String {
        guard let file = settings.file, scene.hasSuffix("/" + file) else { return scene }
        return String(scene.dropLast(file.count + 1))
    }
}
