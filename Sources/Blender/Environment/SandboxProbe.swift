package import Farm
import FoundationEssentials
import Subprocess
import SystemPackage

/// Whether Blender runs in a sandbox: SPOTRENDER_SANDBOX.
package enum SandboxMode: String, Hashable, Sendable, CaseIterable {
    /// A machine that can't make a sandbox renders nothing.
    case required
    /// A machine that can't make a sandbox renders without one and logs a warning. Containers often
    /// can't.
    case preferred
    case off

    package init(_ setting: String?) throws(RenderFailure) {
        guard let setting, !setting.isEmpty else {
            self = .preferred
            return
        }
        guard let mode = Self(rawValue: setting) else {
            let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
            throw RenderFailure(
                .noBlender, "SPOTRENDER_SANDBOX is “\(setting)”. Set it to one of \(known).")
        }
        self = mode
    }

    /// Tries the sandbox before the first scene. Returns a warning where Blender runs without one.
    ///
    /// - Parameter sandbox: The sandbox for this machine's Blenders.
    package func resolve(
        by sandbox: Sandbox = Sandbox()
    ) async throws(RenderFailure) -> (Sandbox?, warning: String?) {
        guard self != .off else {
            return (nil, "Blender runs without a sandbox: SPOTRENDER_SANDBOX=off")
        }
        guard let leak = await sandbox.leak() else { return (sandbox, nil) }
        let advice = "Install bubblewrap and allow user namespaces"
        guard self == .preferred else {
            throw RenderFailure(
                .noBlender,
                "SPOTRENDER_SANDBOX=required, but \(leak). \(advice), or set it to preferred.")
        }
        return (
            nil,
            "Blender runs without a sandbox, so scenes can reach everything that this worker can: "
                + "\(leak). \(advice)."
        )
    }
}

extension Sandbox {
    /// The reason why the sandbox does not protect this machine, for the machine's operator. `nil`
    /// when it does.
    ///
    /// This is a real trial: a process in the sandbox looks for everything that a scene must not
    /// reach.
    package func leak() async -> String? {
        let folder = "\(FileManager.default.temporaryDirectory.path)/sandbox-\(UUID().uuidString)"
        let (own, other) = (folder + "/own", folder + "/other")
        // A folder that can't be removed does not matter here.
        defer { do { try FileManager.default.removeItem(atPath: folder) } catch {} }
        do {
            for path in [own, other] {
                try FileManager.default.createDirectory(
                    atPath: path, withIntermediateDirectories: true)
            }
            return try await look(from: own, for: other)
        } catch {
            return "the trial in \(folder) failed: \(error)"
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
            return "bubblewrap can't make a sandbox here: \(result.standardError.trimmingBlanks)"
        }
        let leaks = lines.dropLast()
        return leaks.isEmpty ? nil : "a program in the sandbox \(leaks.joined(separator: ", "))"
    }

    /// Marks the environment of every process of the trial.
    private static let mark: Environment.Key = "SPOTRENDER_TRIAL"

    /// Prints each thing that it reaches and must not reach.
    private static let script = String(
        decoding: PackageResources.sandbox_probe_sh, as: UTF8.self)
}
