import Farm
import Subprocess
import SystemPackage

/// One Blender process, from its start to its end.
struct BlenderRun {
    let program: BlenderProgram
    let request: RenderRequest
    let script: RenderProgram
    let limits: BlenderEngine.Limits
    let watch: FrameWatch

    init(
        _ program: BlenderProgram, _ request: RenderRequest, _ script: RenderProgram,
        _ limits: BlenderEngine.Limits
    ) {
        self.program = program
        self.request = request
        self.script = script
        self.limits = limits
        watch = FrameWatch(frameDurationMax: request.frameDurationMax, grace: limits.grace)
    }

    /// `attend` follows what `reader` hears and may answer. What it throws ends Blender and is
    /// thrown on. No process is left when this returns.
    func run<Reader: OutputReader, Stop: BlenderStop>(
        _ reader: Reader,
        _ attend: (AsyncStream<Reader.Event>, StandardInputWriter) async throws(Stop) -> Void
    ) async throws(Stop) -> Ending {
        let result = await withTaskGroup(of: Void.self) { group in
            group.addTask { await watch.run() }
            let result = await ending(reader, attend)
            // What the leader started may have outlived it.
            watch.stop()?.kill()
            group.cancelAll()
            return result
        }
        return try result.get()
    }

    private func ending<Reader: OutputReader, Stop: BlenderStop>(
        _ reader: Reader,
        _ attend: (AsyncStream<Reader.Event>, StandardInputWriter) async throws(Stop) -> Void
    ) async -> Result<Ending, Stop> {
        do {
            let result = try await Subprocess.run(
                configuration, input: .inputWriter, output: .sequence, error: .combinedWithOutput
            ) { execution in
                let leader = execution.processIdentifier.value
                watch.start(ProcessGroup(leader: leader))
                let lines = OutputLines(
                    output: execution.standardOutput, log: request.log)
                return try await follow(execution, reader, lines, attend)
            }
            return .success(
                Ending(
                    status: program.status(result.terminationStatus), seen: result.closureResult,
                    isTimeout: watch.isExpired, rest: watch.endFrame()))
        } catch let stop as Stop {
            return .failure(stop)
        } catch let error as Errno {
            let message = "Blender's log can't be written at \(request.log): \(error)."
            return .failure(.failed(RenderFailure(.disk, message)))
        } catch {
            return .failure(Task.isCancelled ? .canceled : .failed(program.missing(error)))
        }
    }

    /// Reads Blender's output in a child task while this one attends.
    private func follow<Failure, Reader: OutputReader, Stop: BlenderStop>(
        _ execution: Execution<CustomWriteInput, SequenceOutput, Failure>, _ reader: Reader,
        _ lines: OutputLines,
        _ attend: (AsyncStream<Reader.Event>, StandardInputWriter) async throws(Stop) -> Void
    ) async throws -> Observation {
        let (events, heard) = AsyncStream.makeStream(of: Reader.Event.self)
        return try await withThrowingTaskGroup(of: Observation.self) { group in
            group.addTask {
                defer { heard.finish() }
                return try await reader.read(lines, heard)
            }
            do {
                try await attend(events, execution.standardInputWriter)
                guard let observation = try await group.next() else {
                    preconditionFailure("The group has the reader's result.")
                }
                return observation
            } catch {
                // The reader ends only when Blender does.
                await execution.teardown(using: teardown)
                throw error
            }
        }
    }

    /// Command order matters: the scene is opened, then chosen, then gets its frames, and only
    /// then does our program run.
    var configuration: Configuration {
        var options = PlatformOptions()
        // And a group of that number: to be ended as one, and without a terminal to type into.
        options.createSession = true
        options.teardownSequence = teardown
        let frames = request.frames
        return Configuration(
            executable: .name("sh"),
            arguments: Arguments(
                ["-c", Self.start, "sh"]
                    + program.command(request.view, hasDisplay: program.needsDisplay) + [
                        "--background", "--factory-startup", "--disable-autoexec", request.scene,
                        "-S", request.settings.scene,
                    ] + Self.flag("-s", frames.first) + Self.flag("-e", frames.last) + [
                        "-j", "\(frames.step)", "--python-expr", script.text, "--",
                    ] + script.arguments(for: request)),
            environment: program.environment(home: request.directory),
            workingDirectory: FilePath(request.directory),
            platformOptions: options)
    }

    /// Blender takes a number with a sign as relative to what was set before: zero, then.
    private static func flag(_ name: String, _ frame: Int) -> [String] {
        frame < 0 ? [name, "0", name, "\(frame)"] : [name, "\(frame)"]
    }

    /// SIGTERM to the whole group, then SIGKILL.
    private var teardown: [TeardownStep] {
        [
            .send(
                signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: limits.grace)
        ]
    }

    /// When memory runs out the kernel is to end Blender, not the worker that would report it. Set
    /// before anything of Blender runs, since what it starts inherits it; a refusal is in the log.
    private static let start = #"echo 500 >/proc/self/oom_score_adj; exec "$@""#
}

/// Why an operation of the engine ended early: each has its own words, and these among them.
protocol BlenderStop: Error {
    static func failed(_ failure: RenderFailure) -> Self
    static var canceled: Self { get }
}

extension RenderStop: BlenderStop {}
extension SliceStop: BlenderStop {}
