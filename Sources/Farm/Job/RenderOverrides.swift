/// The uploader's settings that replace those of the scene, from the object's metadata.
///
///     aws s3 cp scene.blend s3://…/ --metadata frames=1-24,samples=64,resolution=1280x720
///
/// Unknown names are ignored, since S3 clients add their own.
package struct RenderOverrides: Hashable, Sendable {
    /// The .blend to render, for an archive with several.
    package var file: String?
    package var frames: FrameRange?
    /// Frames per task.
    package var chunk: Int?
    package var samples: Int?
    package var resolution: Resolution?
    package var format: ImageFormat?
    package var engine: Engine?
    package var scene: String?
    package var camera: String?
    /// Render although files of the scene are missing.
    package var allowsMissing = false
    /// The time from the upload to the last frame.
    package var deadline: Duration?
    package var budget: Money?
    package var priority = JobPriority.normal
    package var slices = SliceTerms()
    /// Make thumbnails, a contact sheet and a video of the frames.
    package var assembles = true
    /// Render the first, the middle and the last frame before the others.
    package var hasCanary = true

    package init() {}

    package init(metadata: [String: String]) throws(JobRefusal) {
        frames = try metadata["frames"].map { (text) throws(JobRefusal) in
            try FrameRange(parsing: text)
        }
        chunk = try Self.count("chunk", in: metadata, 1...10_000)
        samples = try Self.count("samples", in: metadata, 1...1_000_000)
        resolution = try metadata["resolution"].map { (text) throws(JobRefusal) in
            try Self.resolution(text)
        }
        format = try metadata["format"].map { (text) throws(JobRefusal) in
            try Self.format(text)
        }
        engine = metadata["engine"].map { Engine(Self.engineNames[$0.lowercased()] ?? $0) }
        file = metadata["file"]
        scene = metadata["scene"]
        camera = metadata["camera"]
        allowsMissing = try Self.flag("allow-missing", in: metadata)
        deadline = try metadata["deadline"].map { (text) throws(JobRefusal) in
            try Self.deadline(text)
        }
        budget = try metadata["budget"].map { (text) throws(JobRefusal) in
            try Self.budget(text)
        }
        if let text = metadata["priority"] {
            guard let priority = JobPriority(rawValue: text.lowercased()) else {
                throw .setting(name: "priority", value: text, expected: "normal or high")
            }
            self.priority = priority
        }
        slices = SliceTerms(
            shares: try Self.count("split-samples", in: metadata, SliceTerms.sharesBounds) ?? 1,
            isForced: try Self.flag("force-slices", in: metadata))
        hasCanary = try Self.flag("canary", in: metadata, otherwise: true)
        assembles = try Self.flag("assembly", in: metadata, otherwise: true)
    }

    private static func flag(
        _ name: String, in metadata: [String: String], otherwise unset: Bool = false
    ) throws(JobRefusal) -> Bool {
        switch metadata[name] {
        case nil: return unset
        case "false": return false
        case "true": return true
        case let text?: throw .setting(name: name, value: text, expected: "true or false")
        }
    }

    private static func count(
        _ name: String, in metadata: [String: String], _ bounds: ClosedRange<Int>
    ) throws(JobRefusal) -> Int? {
        guard let text = metadata[name] else { return nil }
        guard let number = Int(text), bounds.contains(number) else {
            throw .setting(
                name: name, value: text,
                expected: "a number from \(bounds.lowerBound) to \(bounds.upperBound)")
        }
        return number
    }

    private static func resolution(_ text: String) throws(JobRefusal) -> Resolution {
        let sides = text.lowercased().split(separator: "x").compactMap { Int($0) }
        // Blender's interface allows up to 65,536 pixels for a side.
        guard sides.count == 2, sides.allSatisfy((4...65_536).contains) else {
            throw .setting(
                name: "resolution", value: text, expected: "width and height as in 1920x1080")
        }
        return Resolution(width: sides[0], height: sides[1])
    }

    private static func format(_ text: String) throws(JobRefusal) -> ImageFormat {
        let wanted = text.uppercased()
        let match = ImageFormat.allCases.first {
            $0.rawValue == wanted || $0.fileExtension.uppercased() == wanted
        }
        guard let match else {
            throw .setting(
                name: "format", value: text,
                expected: ImageFormat.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return match
    }

    private static func deadline(_ text: String) throws(JobRefusal) -> Duration {
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        // Ninety days are far beyond any render, and no sum of times can overflow.
        guard let unit = text.lowercased().last.flatMap({ units[$0] }),
            let count = Int(text.dropLast()), (1...7_776_000 / unit).contains(count)
        else {
            throw .setting(
                name: "deadline", value: text,
                expected: "a time from the upload on, as in 90m or 2h")
        }
        return .seconds(count * unit)
    }

    private static func budget(_ text: String) throws(JobRefusal) -> Money {
        guard let amount = Money(decimal: text), budgets.contains(amount) else {
            throw .setting(
                name: "budget", value: text, expected: "US dollars as in 5 or 2.50, a cent at least"
            )
        }
        return amount
    }

    /// From a cent to a million dollars.
    private static let budgets = Money(nanodollars: 10_000_000)...Money.dollar * 1_000_000

    private static let engineNames = [
        "cycles": "CYCLES", "eevee": "BLENDER_EEVEE", "workbench": "BLENDER_WORKBENCH",
    ]
}
