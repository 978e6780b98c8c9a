import Farm
import Subprocess
import SystemPackage

/// Which Blender is started, with which of our programs, for which request.
struct BlenderCommand: Sendable {
    let program: BlenderProgram
    let script: RenderProgram
    let request: RenderRequest
    /// Between SIGTERM and SIGKILL.
    let grace: Duration
    let opening: BlenderOpening
    /// The key of the process that is started with this command.
    let key = MessageKey()

    /// Reads the scene file's identity.
    init(
        _ program: BlenderProgram, _ script: RenderProgram, _ request: RenderRequest,
        grace: Duration
    ) {
        self.program = program
        self.script = script
        self.request = request
        self.grace = grace
        opening = BlenderOpening(program, script, request)
    }

    /// The order of the arguments matters: Blender opens the scene file, chooses the scene, sets
    /// the frames, and then runs our program.
    var configuration: Configuration {
        var options = PlatformOptions()
        // A session of its own is also a process group, which can be ended as a whole. It has no
        // terminal.
        options.createSession = true
        options.teardownSequence = teardown
        let frames = request.frames
        var view = request.view
        view.files += script.files
        return Configuration(
            executable: .name("sh"),
            arguments: Arguments(
                ["-c", Self.start, "sh"]
                    + program.command(view, hasDisplay: program.needsDisplay) + [
                        "--background", "--factory-startup", "--disable-autoexec", request.scene,
                        "-S", request.settings.scene,
                    ] + Self.flag("-s", frames.first) + Self.flag("-e", frames.last) + [
                        "-j", "\(frames.step)", "--python-expr", script.text, "--",
                    ] + script.arguments(for: request) + [key.argument]),
            environment: program.environment(home: request.directory),
            workingDirectory: FilePath(request.directory),
            platformOptions: options)
    }

    /// SIGTERM to the whole group, then SIGKILL.
    var teardown: [TeardownStep] {
        [.send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: grace)]
    }

    /// Blender adds a number with a sign to the value before it. So zero is set first.
    private static func flag(_ name: String, _ frame: Int) -> [String] {
        frame < 0 ? [name, "0", name, "\(frame)"] : [name, "\(frame)"]
    }

    /// When memory runs out, the kernel ends Blender first and not the worker, which reports the
    /// failure. Blender's own child processes inherit this setting. A refusal stands in the log.
    private static let start = #"echo 500 >/proc/self/oom_score_adj; exec "$@""#
}
