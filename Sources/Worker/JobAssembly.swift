internal import Farm

/// Makes a job's thumbnails, contact sheet and video from its stored frames, and stores them.
///
/// After an interruption the assembly starts over: it writes the same files under the same names.
struct JobAssembly: Sendable {
    let leased: LeasedTask
    /// Path of the .blend on this machine.
    let scene: String
    let ports: RenderLoop.Ports
    let limits: WorkerLimits
    let progress: RenderProgress

    func run(in space: Workspace) async throws(RenderError) {
        let directory: String
        do {
            directory = try space.makeDirectory("assembly")
        } catch {
            throw .storing(error)
        }
        let request = AssemblyRequest(
            scene: scene, settings: leased.settings, frames: leased.settings.frames,
            directory: directory, log: space.log("assembly"),
            stepDurationMax: limits.frame.general)
        progress.begin(frames: 1, at: ports.time.now())
        let assembled = try await ports.engine.assemble(request) {
            (number, path) async throws(PortError) in
            try await fetch(number, to: path)
        } store: { (file) async throws(PortError) in
            try await ports.frames.store(name(of: file.kind), from: file.path)
            progress.stored(file)
        }
        progress.assembled(assembled)
        do {
            try space.note(assembled.notes)
        } catch {
            throw .storing(error)
        }
    }

    private func fetch(_ number: Int, to path: String) async throws(PortError) -> Bool {
        do {
            try await ports.frames.download(leased.name(ofFrame: number), to: path)
            return true
        } catch {
            guard error.kind == .missing else { throw error }
            return false
        }
    }

    private func name(of kind: AssembledFile.Kind) -> JobFile {
        switch kind {
        case .thumbnail(let number): .thumbnail(of: leased.name(ofFrame: number))
        case .contactSheet: .contactSheet(of: leased.job.id)
        case .video: .video(of: leased.job.id)
        }
    }
}
