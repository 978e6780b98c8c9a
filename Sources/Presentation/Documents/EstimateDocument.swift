package import Farm
internal import FoundationEssentials

/// An estimate with everything that it assumes.
package struct EstimateDocument: Document, Hashable {
    package struct Row: Encodable, Hashable, Sendable {
        let instanceType: String
        let instances: Int
        let frameSeconds: Double
        let wallSeconds: Double
        let onDemandCostUSD: Decimal
        let spotCostUSD: Decimal

        package init(_ row: Estimate.Row) {
            instanceType = row.instanceType
            instances = row.instances
            frameSeconds = row.frame.seconds
            wallSeconds = row.wall.seconds
            onDemandCostUSD = Decimal(usd: row.onDemand)
            spotCostUSD = Decimal(usd: row.spot)
        }
    }

    let file: String
    let frames: String
    let framesTotal: Int
    let probeFrame: Int
    let probeSeconds: Double
    let openingSeconds: Double
    let blender: String
    /// What rendered the frame: an instance's type, or `nil` for this machine.
    let probeInstanceType: String?
    let processorsHere: Int?
    let rows: [Row]
    let unknownTypes: [String]
    let assumptions: [String]
    private let estimate: Estimate

    private enum CodingKeys: CodingKey {
        case file, frames, framesTotal, probeFrame, probeSeconds, openingSeconds, blender
        case probeInstanceType, processorsHere, rows, unknownTypes, assumptions
    }

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
                "Each of this machine's \(speed.processors) processors is as fast as one of a \(like)"
                    + " (--like sets another type). \(MachineSpeed.source)."
            case .instance(_, let type):
                "Speed of other types, relative to the \(type): \(MachineSpeed.source)."
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
        self.estimate = estimate
        frames = settings.frames.description
        framesTotal = estimate.frameCount
        probeFrame = estimate.probe.frame
        probeSeconds = estimate.probe.duration.seconds
        openingSeconds = estimate.probe.opening.seconds
        self.blender = blender
        probeInstanceType = machine.instanceType
        processorsHere = machine.processorsHere
        rows = estimate.rows.map { Row($0) }
        unknownTypes = estimate.unknownTypes
        assumptions = [
            "Every frame takes as long as frame \(estimate.probe.frame). Render time falls in"
                + " proportion to the CoreMark of the whole instance.",
            machine.assumption,
            "An instance opens the scene \(Format.duration(assuming.boot)) after its launch. Opening"
                + " takes as long as it took here.",
            "The cost covers instances only, without interruptions. On-Demand:"
                + " \(book.onDemandSource). Spot: \(assuming.spotPercent) % of the On-Demand price,"
                + " the mean of us-east-1 in January 2024.",
        ]
    }

    package var lines: [String] {
        let probe = estimate.probe
        let head = [
            "\(file): \(Format.count(framesTotal, "frame")) (\(frames))",
            "Frame \(probeFrame) took \(Format.duration(probe.duration, digits: 2))"
                + (probeInstanceType.map { " on a \($0)" } ?? " on this machine")
                + "; opening the scene took \(Format.duration(probe.opening, digits: 2))"
                + " (Blender \(blender)).", "",
        ]
        let table = Format.table(
            [["TYPE", "PER FRAME", "INSTANCES", "TIME", "ON-DEMAND", "SPOT (ABOUT)"]]
                + estimate.rows.map { row in
                    [
                        row.instanceType, Format.seconds(row.frame.seconds, digits: 2),
                        "\(row.instances)", Format.duration(row.wall),
                        Format.dollars(row.onDemand), Format.dollars(row.spot),
                    ]
                })
        let unknown =
            unknownTypes.isEmpty
            ? []
            : ["", "No price or speed is known for \(unknownTypes.joined(separator: ", "))."]
        return head + table + unknown + ["", "Assumptions:"] + assumptions.map { "  \($0)" }
    }
}
