internal import Farm
import FoundationEssentials

/// Namespaces of its own for a Blender, made by bubblewrap: a scene is not ours, and scenes can run
/// programs.
///
///     reads     the system's programs and libraries, Blender's own files, the scene
///     writes    a directory of its own
///     uses      graphics devices
///     has not   a network, so no instance metadata and no credentials from there;
///               other processes, so not the worker's environment;
///               other scenes and attempts, homes, settings, privileges
///
/// All that runs in it ends with the worker, however suddenly that ends: bubblewrap asks the kernel
/// to be killed with the thread that started it, which is Subprocess's and lives as long as the
/// worker, and a process namespace ends with its first process.
package struct Sandbox: Hashable, Sendable {
    /// bubblewrap: a path, or a name that is looked for in PATH.
    let program: String
    /// Device files that render.
    let devices: [String]

    package init(program: String = "bwrap", devices: [String] = GraphicsDevices.present) {
        self.program = program
        self.devices = devices
    }

    /// What is shown of this machine, by absolute paths, beyond what every Blender needs.
    struct View: Hashable, Sendable {
        /// To read and write.
        var directory: String?
        /// To read: files and folders. What is not there is not shown.
        var files: [String] = []
    }

    /// A command that runs `command` in it.
    func wrapping(_ command: [String], _ view: View) -> [String] {
        var arguments = [
            program, "--unshare-all", "--die-with-parent", "--cap-drop", "ALL",
            "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp",
            // Blender asks for the file systems there are.
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

    /// Programs and libraries, with what libraries read to find each other, fonts and drivers.
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
    /// What a Blender needs of this machine to resolve it.
    var view: Sandbox.View { Sandbox.View(directory: directory, files: [sceneFiles]) }

    /// The .blend, or the folder of the project that it is a file of: it refers to others there.
    private var sceneFiles: String {
        guard let file = settings.file, scene.hasSuffix("/" + file) else { return scene }
        return String(scene.dropLast(file.count + 1))
    }
}
