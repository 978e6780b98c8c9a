package import Farm

/// An estimate with all it assumes: for people in lines, for programs as JSON.
package struct EstimateDocument: Encodable, Hashable, Sendable {
    package struct Row: Encodable, Hashable, Sendable {
        let instanceType: String
        let instances: Int
        let secondsPerFrame: Double
        let wallSeconds: Double
        let onDemandDollars: Double
        let spotDollars: Double

        package init(_ row: Estimate.Row) {
            instanceType = row.instanceType
            instances = row.instances
            secondsPerFrame = row.frame.seconds
            wallSeconds = row.wall.seconds
            onDemandDollars = row.onDemand.dollars
            spotDollars = row.spot.dollars
        }
    }

    let file: String
    let frames: String
    let frameCount: Int
    let probeFrame: Int
    let probeSeconds: Double
    let openingSeconds: Double
    let blender: String
    /// What rendered the frame: an instance's type, or `nil` for this machine.
    let probeInstanceType: String?
    let processorsHere: Int?
    package let rows: [Row]
    let unknownTypes: [String]
    let assumptions: [String]

    /// What rendered the probe.
    package enum Machine: Hashable, Sendable {
        /// This machine, whose processors are taken to be like those of an instance type.
        case here(MachineSpeed, like: String)
        case instance(MachineSpeed, type: String)

        package var speed: MachineSpeed {
            switch self {
            case .here(let speed, _), .instance(let speed, _): speed
            }
        }

        fileprivate var instanceType: String? {
            switch self {
            case .here: nil
            case .instance(_, let type): type
            }
        }

        fileprivate var processorsHere: Int? {
            switch self {
            case .here(let speed, _): speed.processors
            case .instance: nil
            }
        }

        fileprivate var assumption: String {
            switch self {
            case .here(let speed, let like):
                "This machine's \(Words.count(speed.processors, "processor")) are like a"
                    + " \(like)'s, each; another type: --like. \(MachineSpeed.source)."
            case .instance(_, let type):
                "Other types' processors to those of the \(type) are as in \(MachineSpeed.source)."
            }
        }
    }

    /// - Parameter assuming: What the estimate was made with.
    package init(
        _ estimate: Estimate, of file: String, _ settings: RenderSettings, blender: String,
        on machine: Machine, assuming: Estimate.Assumptions = Estimate.Assumptions(),
        book: PriceBook = .builtIn
    ) {
        self.file = file
        frames = settings.frames.description
        frameCount = estimate.frameCount
        probeFrame = estimate.probe.frame
        probeSeconds = estimate.probe.duration.seconds
        openingSeconds = estimate.probe.opening.seconds
        self.blender = blender
        probeInstanceType = machine.instanceType
        processorsHere = machine.processorsHere
        rows = estimate.rows.map { Row($0) }
        unknownTypes = estimate.unknownTypes
        assumptions = [
            "Every frame takes as long as frame \(estimate.probe.frame), and more processors are as"
                + " much faster as their CoreMark.",
            machine.assumption,
            "\(Words.duration(assuming.boot)) from an instance's launch until it opens the scene, which"
                + " takes as long as it did.",
            "Instances only, nothing is interrupted. On-Demand: \(book.onDemandSource). Spot:"
                + " \(assuming.spotPercent) % of that, the mean of us-east-1 in January 2024.",
        ]
    }

    package var lines: [String] {
        let head = [
            "\(file): \(Words.count(frameCount, "frame")) (\(frames))",
            "frame \(probeFrame) took \(Words.decimal(probeSeconds, digits: 2)) s"
                + (probeInstanceType.map { " on a \($0)," } ?? " here,")
                + " and the opening of the scene \(Words.decimal(openingSeconds, digits: 2)) s"
                + " (Blender \(blender))", "",
        ]
        let table = Words.table(
            [["TYPE", "A FRAME", "INSTANCES", "TIME", "ON-DEMAND", "SPOT, ABOUT"]]
                + rows.map { row in
                    [
                        row.instanceType, "\(Words.decimal(row.secondsPerFrame, digits: 2)) s",
                        "\(row.instances)", Words.duration(.seconds(row.wallSeconds)),
                        Words.dollars(row.onDemandDollars), Words.dollars(row.spotDollars),
                    ]
                })
        let unknown =
            unknownTypes.isEmpty
            ? [] : ["", "No price or speed is known of \(unknownTypes.joined(separator: ", "))."]
        return head + table + unknown + ["", "Assumed:"] + assumptions.map { "  \($0)" }
    }
}
