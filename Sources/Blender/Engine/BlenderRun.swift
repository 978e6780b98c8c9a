import Farm
import Subprocess
import SystemPackage

/// One Blender process, from its start to its end.
struct BlenderRun {
    typealias Deliver = (FinishedFrame) async throws(RenderStop) -> Void

    let program: BlenderProgram
    let request: RenderRequest
    let limits: BlenderEngine.Limits

    /// What `deliver` throws ends Blender and is thrown on. No process is left when this returns.
    func run(_ deliver: Deliver) async throws(RenderStop) -> Ending {
        let watch = FrameWatch(frameDurationMax: request.frameDurationMax, grace: limits.grace)
        let result = await withTaskGroup(of: Void.self) { group in
            group.addTask { await watch.run() }
            let result = await run(watch, deliver)
            // What the leader started may have outlived it.
            watch.stop()?.kill()
            group.cancelAll()
            return result
        }
        return try result.get()
    }

    private func run(_ watch: FrameWatch, _ deliver: Deliver) async -> Result<Ending, RenderStop> {
        do {
            let result = try await Subprocess.run(
                configuration, input: .inputWriter, output: .sequence, error: .combinedWithOutput
            ) { execution in
                let leader = execution.processIdentifier.value
                watch.start(ProcessGroup(leader: leader))
                let reader = OutputReader(
                    request: request, watch: watch, note: Self.exposeToMemoryShortage(leader))
                return try await follow(execution, reader, deliver)
            }
            return .success(
                Ending(
                    status: result.terminationStatus, seen: result.closureResult,
                    isTimeout: watch.isExpired, rest: watch.endFrame()))
        } catch let stop as RenderStop {
            return .failure(stop)
        } catch let error as Errno {
            let message = "Blender's log can't be written at \(request.log): \(error)."
            return .failure(.failed(RenderFailure(.disk, message)))
        } catch {
            return .failure(Task.isCancelled ? .canceled : .failed(program.missing(error)))
        }
    }

    /// Reads Blender's output in a child task while this one checks and stores.
    ///
    /// Each frame takes a credit and gives it back when it is stored, so that a slow store stops
    /// Blender only when `waitingFramesMax` pictures wait.
    private func follow<Input, Failure>(
        _ execution: Execution<Input, SequenceOutput, Failure>, _ reader: OutputReader,
        _ deliver: Deliver
    ) async throws -> Observation {
        let output = execution.standardOutput
        let (frames, finished) = AsyncStream.makeStream(of: FinishedFrame.self)
        let (credits, returned) = AsyncStream.makeStream(of: Void.self)
        for _ in 0..<limits.waitingFramesMax { returned.yield() }
        return try await withThrowingTaskGroup(of: Observation.self) { group in
            group.addTask {
                defer { finished.finish() }
                return try await reader.read(output, finished, credits)
            }
            do {
                for await frame in frames {
                    try await deliver(frame)
                    returned.yield()
                }
                guard let observation = try await group.next() else {
                    preconditionFailure("The group has the reader's result.")
                }
                return observation
            } catch {
                // The reader ends only when Blender does.
                returned.finish()
                await execution.teardown(using: teardown)
                throw error
            }
        }
    }

    /// Command order matters: the scene is opened, then chosen, then gets its frames, and only
    /// then does our program run.
    var configuration: Configuration {
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = teardown
        let frames = request.frames
        return Configuration(
            executable: program.executable,
            arguments: Arguments(
                [
                    "--background", "--factory-startup", "--disable-autoexec", request.scene,
                    "-S", request.settings.scene,
                ] + Self.flag("-s", frames.first) + Self.flag("-e", frames.last) + [
                    "-j", "\(frames.step)", "--python-expr", RenderProgram.text, "--",
                ] + RenderProgram.arguments(for: request)),
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

    /// When memory runs out the kernel is to end Blender, not the worker that would report it.
    /// Answers what to note if it can't be asked.
    private static func exposeToMemoryShortage(_ process: Int32) -> String? {
        do {
            let file = try FileDescriptor.open(
                FilePath("/proc/\(process)/oom_score_adj"), .writeOnly)
            try file.closeAfter { _ = try file.writeAll("500".utf8) }
            return nil
        } catch {
            return "Blender's oom_score_adj can't be set: \(error)"
        }
    }
}
