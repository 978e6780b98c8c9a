import ArgumentParser
import Blender
import Farm
import Foundation
import Inspection
import Presentation

/// `spotrender estimate`
struct EstimateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "estimate",
        abstract: "Renders one frame and estimates the time and cost of the whole job.",
        discussion: """
            By default, this machine renders the middle frame, as a worker would, with a fitting \
            Blender from SPOTRENDER_BLENDER or PATH. That needs no farm. With --on-instance, the \
            farm renders the frame as an urgent job. The assumptions are below the table.

              spotrender estimate scene.blend
              spotrender estimate project/ --file scene.blend --frames 1-240
              spotrender estimate project.zip --on-instance
              spotrender estimate scene.blend --instances 3,10 --types c7a.2xlarge
              spotrender estimate scene.blend --json | jq '.rows | min_by(.spotCostUSD)'
            """)

    @Argument(
        help: "The .blend file, the project's folder, or its .zip or .tar.gz.", completion: .file())
    var path: String
    @OptionGroup(title: "Render options") var render: RenderOptions
    @Option(help: "The frame to render. Default: the middle frame.")
    var frame: Int?
    @Flag(help: "Render the frame on an instance of the farm instead of this machine.")
    var onInstance = false
    @Option(help: "The numbers of instances to compare, as in 1,3,10.")
    var instances = "1,3,10"
    @Option(help: "The instance types to compare. Default: the template's InstanceTypes.")
    var types = Estimate.usualTypes
    @Option(help: "The instance type with processors like this machine's.")
    var like = "c5a.2xlarge"
    @OptionGroup var output: JSONOption
    @OptionGroup var options: FarmOptions

    private var counts: [Int?] { instances.split(separator: ",").map { Int($0) } }

    func validate() throws {
        guard !counts.isEmpty, counts.allSatisfy({ $0.map { (1...1000).contains($0) } ?? false })
        else { throw ValidationError("--instances must be numbers from 1 to 1000, as in 1,3,10.") }
        guard PriceBook.builtIn.speeds[like] != nil else {
            throw ValidationError("--like must be an instance type, as in c5a.2xlarge.")
        }
    }

    func run() async throws {
        let scene = try LocalScene(path)
        let submission = try await Submission(scene, render, isWithFiles: !onInstance)
        let settings = submission.settings
        let frames = settings.frames
        let middle = frame ?? frames.first + frames.count / 2 * frames.step
        guard frames.frames.contains(middle) else {
            throw ValidationError("--frame \(middle) is not one of the frames \(frames).")
        }
        let measured =
            if onInstance {
                try await FarmProbe(connection: try options.connect(), isForProgram: output.json)
                    .render(middle, of: submission)
            } else {
                try await scene.withFile(submission.inspection.file) { file in
                    try await measure(middle, of: file, settings)
                }
            }
        let estimate = Estimate(
            measured.probe, frameCount: frames.count, here: measured.machine.speed,
            types: types.split(separator: ",").map(String.init), counts: counts.compactMap(\.self))
        let document = EstimateDocument(
            estimate, of: path, settings, blender: measured.blender, on: measured.machine)
        output.json ? try showJSON(document) : document.lines.forEach(show)
    }

    /// A frame's time, with the machine and the Blender that rendered the frame.
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
        if !output.json { note("Rendering frame \(frame) …") }
        return Measured(
            probe: try await LocalProbe(blenders: blenders).render(frame, of: path, settings),
            machine: .here(speed, like: like), blender: "\(version)")
    }
}
