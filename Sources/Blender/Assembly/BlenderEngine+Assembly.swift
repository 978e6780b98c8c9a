package import Farm

/// Assembles with one Blender, which waits for the next picture after each:
///
///     fetch ─▶ check ──FRAME WIDTH HEIGHT PATH──▶ Blender ──shrunk──▶ take ─▶ store ─▶ fetch …
///                                    ──finish──▶ Blender ──made──▶ take ─▶ store
///
/// Blender works in its home, and no file is stored from there: see `BlenderHome`.
/// The disk holds at most one frame, and a still of each frame for the video.
extension BlenderEngine: Assembler {
    package func assemble(
        _ request: AssemblyRequest,
        fetch: @Sendable (_ frame: Int, _ path: String) async throws(PortError) -> Bool,
        store: @Sendable (AssembledFile) async throws(PortError) -> Void
    ) async throws(RenderError) -> Assembled {
        guard !Task.isCancelled else { throw .canceled }
        let folder = AssemblyFolder(directory: request.directory)
        try onDisk(request) { try folder.make() }
        let home = BlenderHome(path: resident.home)
        let session = session(
            .assembly(of: AssemblyFolder(directory: home.path)),
            request.whole.moved(to: home.path), AssemblyReader())
        var progress = AssemblyProgress(request.frames)
        var isOver = false
        let ending = try await session.run(by: resident) { () throws(RenderError) in
            for await event in session.events {
                guard case .step(let step) = event, case .assembly(let note) = step.note else {
                    continue
                }
                switch note {
                case .ready where progress.asked == nil: break
                case .shrunk(let frame, let isBlank) where frame == progress.asked:
                    progress.shrunk(isBlank: isBlank)
                    let name = AssemblyFolder.thumbnailName(of: frame)
                    try await keep(.thumbnail(frame: frame), name, in: folder, store)
                    try onDisk(request) { () throws in
                        try home.remove(AssemblyFolder.pictureName)
                        if !progress.mayBeFilm {
                            try home.remove(AssemblyFolder.stillName(of: frame))
                        }
                    }
                case .madeSheet:
                    try await keep(
                        .contactSheet, AssemblyFolder.contactSheetName, in: folder, store)
                    continue
                case .madeVideo:
                    try await keep(.video, AssemblyFolder.videoName, in: folder, store)
                    continue
                case .omitted(let reason):
                    progress.assembled.notes.append(reason)
                    continue
                case .assembled:
                    isOver = true
                    return
                case .ready, .shrunk:
                    // Not the expected message: a scene can print any line.
                    session.watch.resume()
                    continue
                }
                let line = try await nextLine(of: &progress, request, folder, fetch)
                session.watch.resume()
                session.send(line)
            }
        }
        guard !isOver else { return progress.assembled }
        guard !Task.isCancelled else { throw .canceled }
        guard let ending else {
            preconditionFailure("A Blender that assembles is not kept.")
        }
        let piece = progress.asked.map { "the thumbnail of frame \($0)" } ?? "the contact sheet"
        let diagnosis = Diagnosis(
            request: request.whole, ending: ending, isDiskFull: isDiskFull(request.whole),
            piece: piece, fault: .missing)
        throw .failed(diagnosis.failure)
    }

    /// An assembly's progress.
    private struct AssemblyProgress {
        private var waiting: ArraySlice<Int>
        private let step: Int
        /// The frame whose picture Blender has.
        var asked: Int?
        /// The result of our own check of that picture. `nil` where the check can't tell.
        var isBlank: Bool?
        var missing: [Int] = []
        var count = 0
        var assembled = Assembled()

        init(_ frames: FrameRange) {
            waiting = Array(frames.frames)[...]
            step = frames.step
        }

        mutating func next() -> Int? { waiting.popFirst() }

        mutating func shrunk(isBlank isReportedBlank: Bool) {
            guard let asked else { return }
            count += 1
            if isBlank ?? isReportedBlank { assembled.blankFrames.append(asked) }
        }

        /// Whether the frames so far are consecutive, so that a video can be made.
        var mayBeFilm: Bool { step == 1 && missing.isEmpty }

        /// The last line for Blender, which makes it finish.
        mutating func finish() -> String {
            asked = nil
            if !missing.isEmpty {
                let some = missing.prefix(5).map(String.init).joined(separator: ", ")
                let rest = missing.count > 5 ? " and \(missing.count - 5) more" : ""
                assembled.notes.append("There is no video: frames are missing: \(some)\(rest)")
            } else if step > 1 {
                assembled.notes.append("There is no video: frames are rendered in steps of \(step)")
            }
            return mayBeFilm && count > 1 ? "finish video" : "finish"
        }
    }

    private func nextLine(
        of progress: inout AssemblyProgress, _ request: AssemblyRequest, _ folder: AssemblyFolder,
        _ fetch: (Int, String) async throws(PortError) -> Bool
    ) async throws(RenderError) -> String {
        while let frame = progress.next() {
            let isThere = try await RenderError.during { () throws(PortError) in
                try await fetch(frame, folder.picture)
            }
            guard isThere else {
                progress.missing.append(frame)
                continue
            }
            progress.asked = frame
            let finding: PictureCheck.Finding
            do {
                finding = try PictureCheck(request.settings, isExact: false)
                    .check(folder.picture)
            } catch {
                let message = "The stored picture of frame \(frame) is damaged: \(error)."
                throw .failed(RenderFailure(.noPicture, message))
            }
            progress.isBlank = finding.isBlank
            let home = BlenderHome(path: resident.home)
            try onDisk(request) { try home.put(folder.picture, as: AssemblyFolder.pictureName) }
            let size = finding.size ?? PixelSize(request.settings.resolution)
            let path = AssemblyFolder(directory: home.path).picture
            return "\(frame) \(size.width) \(size.height) \(path)"
        }
        guard progress.count > 0 else {
            throw .failed(RenderFailure(.store, "None of the job's frames is stored."))
        }
        return progress.finish()
    }

    private func keep(
        _ kind: AssembledFile.Kind, _ name: String, in folder: AssemblyFolder,
        _ store: (AssembledFile) async throws(PortError) -> Void
    ) async throws(RenderError) {
        let path = "\(folder.directory)/\(name)"
        do {
            // Blender makes the contact sheet of the thumbnails.
            let isCopied = if case .thumbnail = kind { true } else { false }
            try BlenderHome(path: resident.home).take(name, to: path, isCopied: isCopied)
        } catch {
            // The check that follows reports a missing file.
        }
        let byteCount: Int64
        do {
            byteCount = try PictureFile(path: path).byteCount
            guard byteCount > 0 else { throw PictureFault.empty }
        } catch {
            throw .failed(RenderFailure(.disk, "Blender reported \(path) as made, but \(error)."))
        }
        try await RenderError.during { () throws(PortError) in
            try await store(AssembledFile(kind, path: path, byteCount: byteCount))
        }
    }

    private func onDisk(
        _ request: AssemblyRequest, _ work: () throws -> Void
    ) throws(RenderError) {
        do {
            try work()
        } catch {
            let message = "\(request.directory) can't be written: \(error)"
            throw .failed(RenderFailure(.disk, message))
        }
    }
}

extension AssemblyRequest {
    /// A request for frames, with what both have in common.
    fileprivate var whole: RenderRequest {
        RenderRequest(
            scene: scene, settings: settings, frames: frames, directory: directory, log: log,
            frameLimit: FrameLimit(stepDurationMax))
    }
}
