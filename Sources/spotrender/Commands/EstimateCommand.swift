import ArgumentParser
import Blender
import Console
import Farm
import Foundation
import UnixSignals

/// What a scene will take and cost, from one frame rendered here.
struct EstimateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "estimate",
        abstract: "Renders one frame here, and tells what all would take and cost.",
        discussion: """
            The frame in the middle is rendered as a worker would, by this machine's Blender (or the \
            one in SPOTRENDER_BLENDER). What is assumed is printed below the table. Needs no farm.

              spotrender estimate scene.blend
              spotrender estimate scene.blend --frames 1-240 --instances 3,10 --types c7a.2xlarge
              spotrender estimate scene.blend --json | jq '.rows | min_by(.spotDollars)'
            """)

    @Argument(help: "The .blend.", completion: .file(extensions: ["blend"]))
    var file: String
    @OptionGroup(title: "Render options") var render: RenderOptions
    @Option(help: "The frame to render. Default: the one in the middle.")
    var frame: Int?
    @Option(help: "Numbers of instances, as in 1,3,10.")
    var instances = "1,3,10"
    @Option(help: "Instance types. Default: those of the stack's InstanceTypes.")
    var types = Estimate.usualTypes
    @Option(help: "The instance type whose processors are like this machine's.")
    var like = "c5a.2xlarge"
    @OptionGroup var output: JSONOption

    private var counts: [Int?] { instances.split(separator: ",").map { Int($0) } }

    func validate() throws {
        guard !counts.isEmpty, counts.allSatisfy({ $0.map { (1...1000).contains($0) } ?? false })
        else { throw ValidationError("--instances wants numbers from 1 to 1000, as in 1,3,10.") }
        guard PriceBook.builtIn.speeds[like] != nil else {
            throw ValidationError("--like wants an instance type, as in c5a.2xlarge.")
        }
    }

    func run() async throws {
        let path = absolute(file)
        guard UploadKind(name: path) == .scene else {
            throw ValidationError(
                "\(file) is no .blend: of a project, name the .blend in its folder.")
        }
        let settings = try render.check(try await LocalScene(file).inspect(file: nil))
        let frames = settings.frames
        let middle = frame ?? frames.first + frames.count / 2 * frames.step
        guard frames.frames.contains(middle) else {
            throw ValidationError("--frame \(middle) is none of the frames \(frames).")
        }
        let environment = ProcessInfo.processInfo.environment
        let program = BlenderProgram(
            environment["SPOTRENDER_BLENDER"] ?? "blender",
            searchPath: environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin")
        let version = try await program.version()
        if !output.json { sayAside("Rendering frame \(middle) …") }
        let probe = try await probe(middle, of: path, settings, program)
        let speed = PriceBook.builtIn.speeds[like]?.with(
            processors: ProcessInfo.processInfo.activeProcessorCount)
        guard let speed else { preconditionFailure("--like was checked.") }
        let estimate = Estimate(
            probe, frameCount: frames.count, here: speed,
            types: types.split(separator: ",").map(String.init), counts: counts.compactMap(\.self))
        let document = EstimateDocument(
            estimate, of: file, settings, blender: "\(version)", here: speed, like: like)
        output.json ? try sayJSON(document) : document.lines.forEach(say)
    }

    /// Ctrl-C ends Blender, too.
    private func probe(
        _ frame: Int, of path: String, _ settings: RenderSettings, _ program: BlenderProgram
    ) async throws -> Estimate.Probe {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "spotrender-estimate-\(randomHex(8))").path(percentEncoded: false)
        let pictures = folder + "/pictures"
        try FileManager.default.createDirectory(
            atPath: pictures, withIntermediateDirectories: true)
        defer { remove(folder) }
        let request = RenderRequest(
            scene: path, settings: settings, frames: settings.frames.only(frame),
            directory: pictures, log: folder + "/blender.log", frameDurationMax: .seconds(3600))
        let signals = await UnixSignalsSequence(trapping: .sigint)
        return try await withThrowingTaskGroup(of: Estimate.Probe?.self) { group in
            group.addTask { try await render(request, program) }
            group.addTask {
                for await _ in signals { return nil }
                return nil
            }
            let first = try await group.next() ?? nil
            group.cancelAll()
            // As shells have it: 128 and the signal's number.
            guard let first else { throw ExitCode(130) }
            return first
        }
    }

    private func remove(_ folder: String) {
        do {
            try FileManager.default.removeItem(atPath: folder)
        } catch {
            sayAside("Could not remove \(folder): \(error)")
        }
    }

    private func render(
        _ request: RenderRequest, _ program: BlenderProgram
    ) async throws -> Estimate.Probe {
        let rendered = RenderedFrames()
        do {
            try await BlenderEngine(program).render(request) { (frame) async throws(PortError) in
                await rendered.add(frame)
            }
        } catch {
            switch error {
            case .failed(let failure): throw failure
            case .storing(let error): throw error
            case .canceled: throw CancellationError()
            }
        }
        guard let frame = await rendered.frames.first else {
            preconditionFailure("An engine that does not throw has rendered its frames.")
        }
        return Estimate.Probe(
            frame: frame.number, duration: frame.duration - frame.opening, opening: frame.opening)
    }

    private actor RenderedFrames {
        private(set) var frames: [RenderedFrame] = []

        func add(_ frame: RenderedFrame) { frames.append(frame) }
    }
}
