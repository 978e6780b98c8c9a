import Farm
import FoundationEssentials

/// A display for one Blender. EEVEE, Workbench, and Grease Pencil in scenes of any engine draw with
/// OpenGL.
///
/// From 3.4 on Blender draws off screen through EGL, on a graphics processor if there is one. Older
/// versions, and machines without EGL, need an X server. Xvfb draws in software. It starts before
/// Blender, in the same sandbox and process group, and ends with them.
enum VirtualDisplay {
    /// Measured: 2.91 and 3.1 end with “Unable to open a display”. 3.4.1 draws without a display.
    private static let offScreenSince = BlenderVersion(major: 3, minor: 4, patch: 0)

    /// - Parameter drivers: The machine's EGL drivers.
    static func isNeeded(by version: BlenderVersion, drivers: [String] = drivers) -> Bool {
        version < offScreenSince || drivers.isEmpty
    }

    /// The machine's EGL drivers, from the folders that libglvnd reads.
    static var drivers: [String] {
        ["/usr/share/glvnd/egl_vendor.d", "/etc/glvnd/egl_vendor.d"].flatMap { folder in
            do {
                return try FileManager.default.contentsOfDirectory(atPath: folder)
            } catch {
                return []
            }
        }
    }

    /// Runs `command` with DISPLAY. Where Xvfb is missing, it prints that and runs without DISPLAY.
    static func wrapping(_ command: [String]) -> [String] {
        ["sh", "-c", script, "sh"] + command
    }

    private static let script = String(
        decoding: PackageResources.virtual_display_sh, as: UTF8.self)
}
