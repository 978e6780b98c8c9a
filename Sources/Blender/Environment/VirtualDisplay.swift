import Farm
import FoundationEssentials

/// A display of a Blender's own, for what draws by OpenGL: EEVEE, Workbench, and grease pencil in
/// scenes of any engine.
///
/// From 3.4 on Blender draws off screen by itself, through EGL, and on a graphics processor where
/// there is one. Older ones, and machines without EGL, need an X server: Xvfb, which draws in
/// software and is installed for that. It starts before Blender, in its sandbox and process group,
/// and ends with them.
enum VirtualDisplay {
    /// Seen: 2.91 and 3.1 end with “Unable to open a display”, 3.4.1 draws without one.
    private static let offScreenSince = BlenderVersion(major: 3, minor: 4, patch: 0)

    /// - Parameter drivers: Of EGL.
    static func isNeeded(by version: BlenderVersion, drivers: [String] = drivers) -> Bool {
        version < offScreenSince || drivers.isEmpty
    }

    /// The machine's EGL drivers, as libglvnd finds them.
    static var drivers: [String] {
        ["/usr/share/glvnd/egl_vendor.d", "/etc/glvnd/egl_vendor.d"].flatMap { folder in
            do {
                return try FileManager.default.contentsOfDirectory(atPath: folder)
            } catch {
                return []
            }
        }
    }

    /// Runs `command` with DISPLAY; without, and saying so, where there is no Xvfb.
    static func wrapping(_ command: [String]) -> [String] {
        ["sh", "-c", script, "sh"] + command
    }

    private static let script = String(
        decoding: PackageResources.virtual_display_sh, as: UTF8.self)
}
