import Farm

/// A Python program that runs inside Blender after the scene is opened: `Programs/`.
///
/// It puts the settings in place, refuses what can't be rendered, and does its work. `loader.py`
/// makes the modules of the package `spotrender`, so that each file is a module that Python's
/// tools can check.
struct RenderProgram: Hashable, Sendable {
    /// For Blender's `--python-expr`.
    let text: String
    /// `name=value` arguments of this program only.
    private let arguments: [String]
    /// Files that it reads beside the scene's.
    let files: [String]

    /// - Parameter modules: Each module may import those before it. The last one is the program.
    init(_ modules: [PythonModule], arguments: [String] = [], files: [String] = []) {
        self.files = files
        text = PythonModule.program(of: modules)
        self.arguments = arguments
    }

    /// Renders the frames of each line `FIRST LAST STEP` on standard input, then says `rendered`.
    static let frames = RenderProgram(PythonModule.sceneSetUp + [.frames])

    /// Says `samples N` once the scene is open, then renders a slice for each line
    /// `START COUNT PATH` and says `sliced START COUNT`. Says `unsliceable WHY` where the scene
    /// can't be sliced.
    static func slices(isForced: Bool) -> RenderProgram {
        RenderProgram(
            PythonModule.sceneSetUp + [.slicing, .slices],
            arguments: [
                "averaged=\(SlicedPass.averaged.sorted().joined(separator: ","))",
                "first=\(SlicedPass.first.sorted().joined(separator: ","))",
                "forced=\(isForced ? "yes" : "no")",
            ])
    }

    /// Renders a frame from the mean of its slices.
    ///
    /// - Parameter samples: The frame's samples. The program refuses a scene with another number:
    ///   its slices do not belong to it.
    static func merge(_ mean: FloatEXR, at path: String, samples: Int) -> RenderProgram {
        let passes = Set(mean.channels.map { SlicedPass.layerAndPass(ofChannel: $0) })
        return RenderProgram(
            PythonModule.sceneSetUp + [.slicing, .merge],
            arguments: [
                "mean=\(path)", "columns=\(mean.size.width)", "rows=\(mean.size.height)",
                "passes=\(passes.sorted().joined(separator: "\n"))", "total=\(samples)",
            ], files: [path])
    }

    /// Says `ready`, then makes a thumbnail for each line `FRAME WIDTH HEIGHT PATH`. The line
    /// `finish` or `finish video` makes it finish: see `AssemblyNote`.
    static func assembly(of folder: AssemblyFolder) -> RenderProgram {
        RenderProgram(
            PythonModule.sceneSetUp + [.assemble],
            arguments: [
                "stills=\(folder.stills)", "thumbnails=\(folder.thumbnails)",
                "sheet=\(folder.contactSheet)", "video=\(folder.video)",
            ])
    }

    /// The arguments that follow `--`.
    func arguments(for request: RenderRequest) -> [String] {
        let settings = request.settings
        var arguments = [
            "blend=\(request.scene)",
            "scene=\(settings.scene)",
            "engine=\(settings.engine.rawValue)",
            "width=\(settings.resolution.width)",
            "height=\(settings.resolution.height)",
            "percentage=\(settings.resolution.percentage)",
            "format=\(settings.format.rawValue)",
            "output=\(request.directory)/frame_####",
            "extras=\(request.directory)/extras",
            "frames=\(request.frames.first),\(request.frames.last),\(request.frames.step)",
        ]
        arguments.append("processors=\(GraphicsDevices.processors.joined(separator: ", "))")
        if let samples = settings.samples { arguments.append("samples=\(samples)") }
        if let camera = settings.camera { arguments.append("camera=\(camera)") }
        return arguments + self.arguments
    }
}
