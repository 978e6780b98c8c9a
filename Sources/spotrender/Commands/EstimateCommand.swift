import ArgumentParser
import Blender
import Presentation
import Farm
import Foundation
import Inspection

/// What a scene will take and cost, from one frame.
struct EstimateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "estimate",
        abstract: "Renders one frame, and tells what all would take and cost.",
        discussion: """
            The frame in the middle is rendered as a worker would, by the Blender of this machine \
            that fits (of those in SPOTRENDER_BLENDER), which needs no farm; with --on-instance by \
            the farm, as an urgent job of its own. What is assumed is printed below the table.

              spotrender estimate scene.blend
              spotrender estimate project/ --file scene.blend --frames 1-240
              spotrender estimate project.zip --on-instance
              spotrender estimate scene.blend --instances 3,10 --types c7a.2xlarge
              spotrender estimate scene.blend --json | jq '.rows | min_by(.spotCostUSD)'
            """)

    @Argument(
        help: "The .blend, the project's folder, or its .zip or .tar.gz.", completion: .file())
    var path: String
    @OptionGroup(title: "Render options") var render: RenderOptions
    @Option(help: "The frame to render. Default: the one in the middle.")
    var frame: Int?
    @Flag(help: "Render it on an instance of the farm, in place of this machine.")
    var onInstance = false
    @Option(help: "Numbers of instances, as in 1,3,10.")
    var instances = "1,3,10"
    @Option(help: "Instance types. Default: those of the stack's InstanceTypes.")
    var types = Estimate.usualTypes
    @Option(help: "The instance type whose processors are like this machine's.")
    var like = "c5a.2xlarge"
    @OptionGroup var output: JSONOption
    @OptionGroup var options: FarmOptions

    private var counts: [Int?] { instances.split(separator: ",").map { Int($0) } }

    func validate() throws {
        guard !counts.isEmpty, counts.allSatisfy({ $0.map { (1...1000).contains($0) } ?? false })
        else { throw ValidationError("--instances wants numbers from 1 to 1000, as in 1,3,10.") }
        guard PriceBook.builtIn.speeds[like] != nil else {
            throw ValidationError("--like wants an instance type, as in c5a.2xlarge.")
        }
    }

    func run() async throws {
        let scene = try LocalScene(path)
        let inspection =
            onInstance
            ? try await scene.inspectUpload(file: render.file)
            : try await scene.inspect(file: render.file)
        let settings = try render.check(inspection)
        let frames = settings.frames
        let middle = frame ?? frames.first + frames.count / 2 * frames.step
        guard frames.frames.contains(middle) else {
            throw ValidationError("--frame \(middle) is none of the frames \(frames).")
        }
        let measured =
            if onInstance {
                try await FarmProbe(connection: try options.connect(), isForProgram: output.json)
                    .render(middle, of: scene, inspection, render.metadata)
            } else {
                try await scene.withFile(inspection.file) { file in
                    try await measure(middle, of: file, settings)
                }
            }
        let estimate = Estimate(
            measured.probe, frameCount: frames.count, here: measured.machine.speed,
            types: types.split(separator: ",").map(String.init), counts: counts.compactMap(\.self))
        let document = EstimateDocument(
            estimate, of: path, settings, blender: measured.blender, on: measured.machine)
        output.json ? try sayJSON(document) : document.lines.forEach(say)
    }

    /// A frame's time, and by what it was rendered.
    struct Measured {
        let probe: Estimate.Probe
        let machine: EstimateDocument.Machine
        let blender: String
    }

    private func measure(
        _ frame: Int, of path: String, _ settings: RenderSettings
    ) async throws -> Measured {
        guard
            let speed = PriceBook.builtIn.speeds[like]?.with(
                processors: ProcessInfo.processInfo.activeProcessorCount)
        else { preconditionFailure("--like was checked.") }
        let environment = ProcessInfo.processInfo.environment
        let blenders = try await InstalledBlenders(
            list: environment["SPOTRENDER_BLENDER"],
            searchPath: environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin")
        let version = try BlenderChoice.choose(for: settings.savedBy, among: blenders.versions)
        if !output.json { sayAside("Rendering frame \(frame) …") }
        return Measured(
            probe: try await LocalProbe(blenders: blenders).render(frame, of: path, settings),
            machine: .here(speed, like: like), blender: "\(version)")
    }
}
