package import Farm
internal import FoundationEssentials

/// The Blenders of this machine. Each file gets the one that fits it. Only one runs at a time.
package struct InstalledBlenders: RenderEngine, SliceEngine, Assembler, CustomStringConvertible {
    private let engines: [BlenderVersion: BlenderEngine]
    private let resident: ResidentBlender
    private let isSandboxed: Bool
    /// Warnings about this machine for the worker's log.
    package private(set) var warnings: [String] = []
    /// The graphics processors that Cycles renders on, or the reason why it uses none. `nil` where
    /// the machine has none.
    package private(set) var graphics: String?

    /// The installed versions, oldest first.
    package var versions: [BlenderVersion] { engines.keys.sorted() }

    package var description: String {
        versions.map(\.description).joined(separator: ", ")
            + (isSandboxed ? " in a sandbox" : "")
    }

    /// Reads SPOTRENDER_BLENDER, SPOTRENDER_SANDBOX and PATH of the worker's environment.
    ///
    /// - Parameter home: The home of a resident Blender: see `ResidentBlender`.
    package init(
        environment: [String: String], home: String,
        onProgress: @escaping @Sendable (FrameProgress?) -> Void
    ) async throws(RenderFailure) {
        let (sandbox, warning) = try await SandboxMode(environment["SPOTRENDER_SANDBOX"]).resolve()
        try await self.init(
            list: environment["SPOTRENDER_BLENDER"],
            searchPath: environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
            sandbox: sandbox, resident: ResidentBlender(home: home), onProgress: onProgress)
        if let warning { warnings.append(warning) }
    }

    /// Asks each Blender for its version.
    ///
    /// - Parameters:
    ///   - list: Paths or names, separated by colons. Without a list, every
    ///     `<folder>/<version>/blender`. Without such files, `blender` in `searchPath`.
    ///   - folder: By convention `/opt/blender`.
    ///   - processors: The machine's graphics processors. Where there are some, each Blender is
    ///   asked
    ///     whether Cycles can use them, which takes a second.
    ///   - sandbox: The sandbox of each Blender.
    ///   - resident: Shared by all Blenders.
    ///   - onProgress: See `BlenderEngine`.
    package init(
        list: String?, folder: String = "/opt/blender", searchPath: String,
        processors: [String] = GraphicsDevices.processors,
        sandbox: Sandbox? = nil, resident: ResidentBlender = ResidentBlender(),
        onProgress: @escaping @Sendable (FrameProgress?) -> Void = { _ in }
    ) async throws(RenderFailure) {
        var names = list.map { $0.split(separator: ":").map(String.init) } ?? []
        if names.isEmpty { names = Self.installed(in: folder) }
        if names.isEmpty { names = ["blender"] }
        var engines: [BlenderVersion: BlenderEngine] = [:]
        var answers: [BlenderVersion: String] = [:]
        for name in names {
            let version = try await BlenderProgram(
                name, searchPath: searchPath, sandbox: sandbox
            ).version()
            let program = BlenderProgram(
                name, searchPath: searchPath, sandbox: sandbox,
                needsDisplay: VirtualDisplay.isNeeded(by: version))
            engines[version] = BlenderEngine(program, resident: resident, onProgress: onProgress)
            guard !processors.isEmpty else { continue }
            do {
                answers[version] = try await program.graphics(among: processors)
            } catch {
                answers[version] = error.message
                warnings.append("Blender \(version): \(error.message)")
            }
        }
        let lines = answers.sorted { $0.key < $1.key }.map { "Blender \($0.key): \($0.value)" }
        graphics = lines.isEmpty ? nil : lines.joined(separator: "; ")
        self.engines = engines
        self.resident = resident
        isSandboxed = sandbox != nil
    }

    private static func installed(in folder: String) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder)
                .map { "\(folder)/\($0)/blender" }
                .filter(FileManager.default.isExecutableFile).sorted()
        } catch {
            return []
        }
    }

    package func blender(for settings: RenderSettings) throws(RenderFailure) -> BlenderVersion? {
        try BlenderChoice.choose(for: settings.savedBy, among: versions)
    }

    private func engine(for settings: RenderSettings) throws(RenderFailure) -> BlenderEngine {
        let version = try BlenderChoice.choose(for: settings.savedBy, among: versions)
        guard let engine = engines[version] else {
            preconditionFailure("A choice is one of the installed versions.")
        }
        return engine
    }

    package func withResidentBlender<Result, Failure: Error>(
        _ body: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        try await resident.withResidentBlender(body)
    }

    package func render(
        _ request: RenderRequest,
        store: @Sendable (RenderedFrame) async throws(PortError) -> Void
    ) async throws(RenderError) {
        try await renderEngine(for: request.settings).render(request, store: store)
    }

    package func assemble(
        _ request: AssemblyRequest,
        fetch: @Sendable (_ frame: Int, _ path: String) async throws(PortError) -> Bool,
        store: @Sendable (AssembledFile) async throws(PortError) -> Void
    ) async throws(RenderError) -> Assembled {
        try await renderEngine(for: request.settings).assemble(request, fetch: fetch, store: store)
    }

    private func renderEngine(for settings: RenderSettings) throws(RenderError) -> BlenderEngine {
        do {
            return try engine(for: settings)
        } catch {
            throw .failed(error)
        }
    }

    package func renderSlices(
        _ request: SliceRequest,
        next: @Sendable (SliceMeasurement) async throws(PortError) -> SampleRange?,
        store: @Sendable (RenderedSlice) async throws(PortError) -> Void
    ) async throws(SliceError) {
        try await sliceEngine(for: request.settings).renderSlices(request, next: next, store: store)
    }

    package func merge(_ request: MergeRequest) async throws(SliceError) -> RenderedFrame {
        try await sliceEngine(for: request.settings).merge(request)
    }

    private func sliceEngine(for settings: RenderSettings) throws(SliceError) -> BlenderEngine {
        do {
            return try engine(for: settings)
        } catch {
            throw .failed(error)
        }
    }
}
