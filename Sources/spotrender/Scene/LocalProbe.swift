import Blender
import Farm
import Foundation

/// Renders one frame on this machine for `estimate`, as a worker would.
struct LocalProbe {
    let blenders: InstalledBlenders

    /// Renders `frame`. Ctrl-C ends Blender, too.
    ///
    /// - Parameter path: The path of the .blend file.
    func render(
        _ frame: Int, of path: String, _ settings: RenderSettings
    ) async throws -> Estimate.Probe {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "spotrender-estimate-\(randomHex(8))").path(percentEncoded: false)
        let pictures = folder + "/pictures"
        try FileManager.default.createDirectory(
            atPath: pictures, withIntermediateDirectories: true)
        defer { remove(folder) }
        let request = RenderRequest(
            scene: path, settings: settings, frames: settings.frames.only(frame),
            directory: pictures, log: folder + "/blender.log",
            frameLimit: FrameLimit(.seconds(3600)))
        return try await ControlC.run { try await render(request) }
    }

    private func remove(_ folder: String) {
        do {
            try FileManager.default.removeItem(atPath: folder)
        } catch {
            note("Could not remove \(folder): \(error)")
        }
    }

    private func render(_ request: RenderRequest) async throws -> Estimate.Probe {
        let rendered = RenderedFrames()
        do {
            try await blenders.render(request) { (frame) async throws(PortError) in
                await rendered.add(frame)
            }
        } catch {
            switch error {
            case .failed(let failure): throw failure
            case .storing(let error): throw error
            case .canceled: throw CancellationError()
            }
        }
        guard let frame = await rendered.frames.first else {
            preconditionFailure("An engine that does not throw has rendered its frames.")
        }
        return Estimate.Probe(
            frame: frame.number, duration: frame.duration - frame.opening, opening: frame.opening)
    }

    private actor RenderedFrames {
        private(set) var frames: [RenderedFrame] = []

        func add(_ frame: RenderedFrame) { frames.append(frame) }
    }
}
