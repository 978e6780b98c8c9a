package import Farm
import FoundationEssentials
import Subprocess
import SystemPackage

/// Whether Blender has to run in a sandbox: SPOTRENDER_SANDBOX.
package enum SandboxWish: String, Hashable, Sendable, CaseIterable {
    /// A machine that can't make one renders nothing.
    case required
    /// A machine that can't make one renders without, and says so: containers often can't.
    case preferred
    case off

    package init(_ setting: String?) throws(RenderFailure) {
        guard let setting, !setting.isEmpty else {
            self = .preferred
            return
        }
        guard let wish = Self(rawValue: setting) else {
            let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
            throw RenderFailure(
                .noBlender, "SPOTRENDER_SANDBOX is “\(setting)”; it is one of \(known).")
        }
        self = wish
    }

    /// Tries the sandbox, before any scene; with a warning where there is none.
    ///
    /// - Parameter sandbox: For this machine's Blenders.
    package func resolve(
        by sandbox: Sandbox = Sandbox()
    ) async throws(RenderFailure) -> (Sandbox?, warning: String?) {
        guard self != .off else {
            return (nil, "Blender runs without a sandbox: SPOTRENDER_SANDBOX=off")
        }
        guard let leak = await sandbox.leak() else { return (sandbox, nil) }
        let advice = "Install bubblewrap, and allow user namespaces"
        guard self == .preferred else {
            throw RenderFailure(
                .noBlender,
                "SPOTRENDER_SANDBOX=required, but \(leak). \(advice), or set it to preferred.")
        }
        return (
            nil,
            "Blender runs without a sandbox, so that scenes reach what this worker does: \(leak). "
                + "\(advice)."
        )
    }
}

extension Sandbox {
    /// What does not hold, in words for whoever runs the machine; `nil` when it is tight.
    ///
    /// Not asked but tried: a process in it looks for all that a scene must not reach.
    package func leak() async -> String? {
        let folder = "\(FileManager.default.temporaryDirectory.path)/sandbox-\(UUID().uuidString)"
        let (own, other) = (folder + "/own", folder + "/other")
        // A folder that can't be removed is no leak.
        defer { do { try FileManager.default.removeItem(atPath: folder) } catch {} }
        do {
            for path in [own, other] {
                try FileManager.default.createDirectory(
                    atPath: path, withIntermediateDirectories: true)
            }
            return try await look(from: own, for: other)
        } catch {
            return "the sandbox can't be tried in \(folder): \(error)"
        }
    }

    private func look(from own: String, for other: String) async throws -> String? {
        let command = wrapping(["sh", "-c", Self.script, "sh", other], View(directory: own))
        let result = try await Subprocess.run(
            .program(command[0]), arguments: Arguments(Array(command.dropFirst())),
            environment: .custom(["PATH": "/usr/local/bin:/usr/bin:/bin", Self.mark: "1"]),
            workingDirectory: FilePath(own),
            output: .string(limit: 64 << 10), error: .string(limit: 64 << 10))
        let lines = result.standardOutput.split(separator: "\n")
        guard result.terminationStatus.isSuccess, lines.last == "looked" else {
            return "bubblewrap can't make one here: \(result.standardError.trimmingBlanks)"
        }
        let leaks = lines.dropLast()
        return leaks.isEmpty ? nil : "a program in it \(leaks.joined(separator: ", "))"
    }

    /// In the environment of all that runs in the trial.
    private static let mark: Environment.Key = "SPOTRENDER_TRIAL"

    /// Prints each thing that it reaches.
    private static let script = String(
        decoding: PackageResources.sandbox_probe_sh, as: UTF8.self)
}
