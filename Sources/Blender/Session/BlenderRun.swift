import Farm
import Subprocess
import SystemPackage

/// What one request has a Blender do, which its keeper finds or starts.
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
        watch = FrameWatch(request.frameLimit, grace: limits.grace)
    }

    /// `attend` follows what `reader` hears, and gives orders. What it throws ends Blender and is
    /// thrown on. Unless `attend` had it kept, no process is left when this returns; `nil` when it
    /// is kept.
    func run<Reader: OutputReader, Stop: BlenderStop>(
        _ reader: Reader, by keeper: ResidentBlender,
        _ attend: (AsyncStream<Reader.Event>, AsyncStream<Errand.Order>.Continuation)
            async throws(Stop) -> Void
    ) async throws(Stop) -> Ending? {
        let (events, heard) = AsyncStream.makeStream(of: Reader.Event.self)
        let (orders, told) = AsyncStream.makeStream(of: Errand.Order.self)
        let log = request.log
        let errand = Errand(
            opening: BlenderOpening(program, script, request), configuration: configuration,
            directory: request.directory, watch: watch, orders: orders,
            read: { lines in try await reader.read(&lines, into: log, heard) },
            over: { heard.finish() })
        var stop: Stop?
        let outcome = await withTaskGroup(of: Errand.Outcome?.self) { group in
            group.addTask {
                await watch.run()
                return nil
            }
            group.addTask { await keeper.run(errand) }
            do throws(Stop) {
                try await attend(events, told)
            } catch {
                stop = error
            }
            told.finish()
            while let ended = await group.next() {
                guard let ended else { continue }
                watch.stop()
                group.cancelAll()
                return ended
            }
            preconditionFailure("Its keeper answers every errand.")
        }
        if let stop { throw stop }
        switch outcome {
        case .kept: return nil
        case .ended(let status, let seen, let wasKept):
            return Ending(
                status: program.status(status), seen: seen, isTimeout: watch.isExpired,
                wasKept: wasKept, memoryPeak: watch.memoryPeak)
        case .failed(let failure): throw .failed(failure)
        case .canceled: throw .canceled
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
    static func storing(_ error: PortError) -> Self
    static var canceled: Self { get }
}

extension BlenderStop {
    /// Runs what calls the farm's stores. What goes wrong there once the request is canceled is of no
    /// interest.
    static func during<Result>(
        _ call: () async throws(PortError) -> Result
    ) async throws(Self) -> Result {
        do {
            return try await call()
        } catch {
            throw Task.isCancelled ? .canceled : .storing(error)
        }
    }
}

extension RenderError: BlenderStop {}
extension SliceError: BlenderStop {}
