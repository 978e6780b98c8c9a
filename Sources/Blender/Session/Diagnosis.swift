import Farm
import Subprocess

/// Finds the reason why frames are missing, for the scene's owner. Pure.
struct Diagnosis {
    let request: RenderRequest
    let ending: BlenderEnding
    let isDiskFull: Bool
    /// The first piece of work without a picture: `frame 7`.
    let piece: String
    let fault: PictureFault

    var failure: RenderFailure {
        let seen = ending.seen
        if ending.isTimeout, seen.opened == nil, seen.progress == nil {
            return failure(
                .timeout,
                "The scene was not open after \(Int(request.frameLimit.opening.seconds)) s, so "
                    + "Blender was ended. Reduce the data that the scene loads.")
        }
        if ending.isTimeout {
            return failure(
                .timeout,
                "\(piece.prefix(1).uppercased() + piece.dropFirst()) took longer than "
                    + "\(request.frameLimit.words)\(place), so Blender was ended. "
                    + (request.frameLimit.learnt == nil
                        ? "Use fewer samples or a smaller size."
                        : "The farm tries it again with more time."))
        }
        if let refusal = seen.refusal {
            return RenderFailure(
                .scene, "The scene can't be rendered with these settings: \(refusal).")
        }
        if isDiskFull || says("No space left on device") {
            return Self.diskFull(request, detail: "\(piece): \(fault)")
        }
        if let known = knownText { return known }
        switch ending.status {
        case .signaled(let signal):
            // The kernel sends signal 9 when memory runs out.
            guard signal != 9 else {
                return failure(
                    .memory,
                    "Signal 9 ended Blender\(place)\(size). If nobody sent it, memory ran out: "
                        + "make the scene smaller, or use workers with more memory.")
            }
            return failure(.crashed, "Blender crashed with signal \(signal)\(place).")
        case .exited(126), .exited(127):
            return failure(
                .noBlender, "Blender can't run on this machine. \(BlenderProgram.advice)")
        case .exited(let code):
            return failure(
                .noPicture,
                "Blender ended\(place) with status \(code), but \(piece) has no complete "
                    + "picture: \(fault).")
        }
    }

    static func diskFull(_ request: RenderRequest, detail: String) -> RenderFailure {
        RenderFailure(
            .disk,
            "The worker's disk is full at \(request.directory) (\(detail)). "
                + "Give the workers a larger disk, or put fewer frames into a task.")
    }

    /// Failures with a known message of Blender's own.
    private var knownText: RenderFailure? {
        if ending.seen.opened == nil, says("bwrap: ") {
            return failure(
                .noBlender,
                "bubblewrap can't make Blender's sandbox on this machine: see its message below, or "
                    + "set SPOTRENDER_SANDBOX=off.")
        }
        let unreadable = [
            "Cannot read file", "File format is not supported", "not a blend file",
            "Failed to read blend file", "Missing DNA block", "File incomplete",
        ]
        if ending.seen.opened == nil, unreadable.contains(where: says) {
            return failure(
                .scene,
                "Blender can't open the scene. Is it a complete .blend file, and not newer than "
                    + "this Blender?")
        }
        if says("no camera") {
            return failure(
                .scene,
                "The scene has no camera, so there is nothing to render. Add a camera, or "
                    + "set camera=… if the file has one.")
        }
        if says("OpenImageDenoise") {
            return failure(
                .noPicture,
                "The scene uses denoising, and this Blender was built without a denoiser. "
                    + "Debian's Blender has none. Use a build from blender.org on the workers, or "
                    + "switch Denoise off.")
        }
        if ["Unable to open a display", "Couldn't find current GLX or EGL context"].contains(
            where: says)
        {
            return failure(
                .noPicture,
                "EEVEE, Workbench and Grease Pencil draw with OpenGL, and this worker has no "
                    + "OpenGL: install Mesa and Xvfb there (Debian: libegl-mesa0, "
                    + "libgl1-mesa-dri, xvfb; Amazon Linux: mesa-libEGL, mesa-dri-drivers, "
                    + "xorg-x11-server-Xvfb), or use engine=cycles.")
        }
        return nil
    }

    private func says(_ text: String) -> Bool {
        ending.seen.renderError?.contains(text) == true
            || ending.seen.lastLines.contains { $0.contains(text) }
    }

    private var place: String {
        ending.seen.progress.map { " \($0)" } ?? ""
    }

    /// The memory peak up to the last second.
    private var size: String {
        ending.memoryPeak.map { ", when it used \(MachineUse.words(bytes: $0)) of memory" }
            ?? ""
    }

    private func failure(_ kind: RenderFailure.Kind, _ sentence: String) -> RenderFailure {
        var lines = ending.seen.lastLines
        if let error = ending.seen.renderError { lines.append(error) }
        guard !lines.isEmpty else { return RenderFailure(kind, sentence) }
        let quoted = lines.suffix(BlenderTranscript.linesMax).map { "\n  \($0)" }.joined()
        return RenderFailure(kind, "\(sentence) Blender's last lines:\(quoted)")
    }
}
