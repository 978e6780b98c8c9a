import Farm
import FoundationEssentials
import Testing

@testable import Blender

/// These run the Blender of the machine, Mesa and Xvfb.
@Suite(.serialized) struct `An engine that draws with OpenGL` {
    /// The engine's picture. It is small, since software draws it.
    private func picture(_ engine: Engine, _ program: BlenderProgram) async throws -> RenderedFrame
    {
        try await withDirectory { directory in
            let request = try RenderRequest.tiny(in: directory, frames: "2-2") {
                $0.engine = engine
                $0.resolution = Resolution(width: 160, height: 90)
                $0.samples = 1
            }
            let shelf = Shelf()
            try await BlenderEngine(program).render(request) { shelf.put($0) }
            try await endOfProcesses(of: directory)
            return try #require(shelf.contents.first)
        }
    }

    /// A gray or empty picture has some hundred bytes.
    private func hasContent(_ frame: RenderedFrame) -> Bool {
        !frame.isBlank && frame.byteCount > 5000
    }

    @Test func `renders where there is no display`() async throws {
        #expect(hasContent(try await picture(.workbench, .tried)))
    }

    /// The only render with EEVEE here: its shaders take a minute of processor time in software.
    @Test(.enabled("bubblewrap works here") { await Sandbox().leak() == nil })
    func `renders in a sandbox`() async throws {
        #expect(hasContent(try await picture(.eevee, .sandboxed)))
    }

    // MARK: Blenders before 3.4, and machines without EGL

    private let lacking = fixture("blender-without-egl.sh")

    @Test func `renders on a display of its own`() async throws {
        let program = BlenderProgram(lacking, needsDisplay: true)
        #expect(hasContent(try await picture(.workbench, program)))
    }

    @Test(.enabled("bubblewrap works here") { await Sandbox().leak() == nil })
    func `renders on a display of its own, in a sandbox`() async throws {
        let program = BlenderProgram(lacking, sandbox: Sandbox(), needsDisplay: true)
        #expect(hasContent(try await picture(.workbench, program)))
    }

    @Test(arguments: [false, true])
    func `reports what to install where both are missing`(needsDisplay: Bool) async throws {
        try await withDirectory { directory in
            let program = BlenderProgram(
                lacking, searchPath: try withoutXvfb(in: directory), needsDisplay: needsDisplay)
            let stop = await #expect(throws: RenderError.self) {
                _ = try await picture(.workbench, program)
            }
            guard case .failed(let failure)? = stop else { throw try #require(stop) }
            #expect(failure.message.contains("xorg-x11-server-Xvfb"))
        }
    }

    /// A search path with only the programs that the start needs.
    private func withoutXvfb(in directory: String) throws -> String {
        for name in ["sh", "mkfifo", "rm"] {
            try FileManager.default.createSymbolicLink(
                atPath: "\(directory)/\(name)", withDestinationPath: "/usr/bin/\(name)")
        }
        return directory
    }

    @Test(
        arguments: [
            ("3.3.21", ["50_mesa.json"], true), ("2.93.18", ["50_mesa.json"], true),
            ("3.4.1", ["50_mesa.json"], false), ("4.5.15", ["10_nvidia.json"], false),
            ("4.5.15", [], true),
        ])
    func `needs a display for old versions and for machines without drivers`(
        _ version: String, _ drivers: [String], _ isNeeded: Bool
    ) throws {
        let version = try #require(BlenderVersion(parsing: "Blender \(version)"))
        #expect(VirtualDisplay.isNeeded(by: version, drivers: drivers) == isNeeded)
    }
}
