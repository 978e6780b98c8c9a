internal import Farm

/// Makes a job's thumbnails, contact sheet and video of the frames that are stored, and stores them.
///
/// Interrupted, it starts over: the same names get the same pictures.
struct JobAssembly: Sendable {
    let job: JobID
    let settings: RenderSettings
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
            scene: scene, settings: settings, frames: settings.frames, directory: directory,
            log: space.log("assembly"), stepDurationMax: limits.frame.general)
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
            try await ports.frames.download(frame(number), to: path)
            return true
        } catch {
            guard error.kind == .missing else { throw error }
            return false
        }
    }

    private func frame(_ number: Int) -> FrameName {
        FrameName(job: job, number: number, format: settings.format)
    }

    private func name(of kind: AssembledFile.Kind) -> JobFile {
        switch kind {
        case .thumbnail(let number): .thumbnail(of: frame(number))
        case .contactSheet: .contactSheet(of: job)
        case .video: .video(of: job)
        }
    }
}
