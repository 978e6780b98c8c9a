import Testing

@testable import BlendFile

@Suite struct `A file that Blender saved` {
    @Test(arguments: try Fixture.all())
    func `has the summary that Blender itself gives`(_ fixture: Fixture) async throws {
        let summary = try await BlendReader.summary(of: fixture.source())
        #expect(summary.version.description == fixture.expected.version)
        #expect(summary.scenes.map(Fixture.Expected.Scene.init) == fixture.expected.scenes)
        #expect(summary.activeScene?.name == fixture.expected.active)
        // None has markers, strips or compositing nodes.
        #expect(summary.scenes.allSatisfy { !$0.mayRenderWithoutCamera })
    }
}
