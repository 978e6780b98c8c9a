import Farm
import Testing

@Suite struct `A worker's Blender` {
    /// Who saved the file, which Blenders there are, and which of them renders it.
    @Test(arguments: [
        ("3.4", "3.4.1", "3.4.1"), ("3.4", "3.3.9 3.4.0 3.4.1 3.6.2", "3.4.1"),
        ("3.5", "3.4.1 3.6.2 3.6.23 4.5.1", "3.6.23"), ("2.79", "3.4.1 4.5.1", "3.4.1"),
        ("3.6", "4.5.1 5.0.0", "4.5.1"), ("4.5", "4.10.0 4.5.0", "4.5.0"),
        ("4.6", "4.10.0 4.5.0", "4.10.0"),
    ])
    func `is of the file's release, else the next newer`(
        _ saved: String, _ versions: String, _ expected: String
    ) throws {
        let versions = versions.split(separator: " ").compactMap { BlenderVersion($0) }
        let choice = try BlenderChoice.choose(for: BlenderVersion(saved), among: versions)
        #expect(choice.description == expected)
        let reversed = try BlenderChoice.choose(
            for: BlenderVersion(saved), among: versions.reversed())
        #expect(reversed == choice)
    }

    @Test func `is the newest when nobody knows who saved the file`() throws {
        let versions = ["4.5.1", "3.4.1"].compactMap { BlenderVersion($0) }
        #expect(try BlenderChoice.choose(for: nil, among: versions) == versions[0])
    }

    @Test func `is never an older one: the job fails, and hears which there are`() throws {
        let versions = ["4.5.1", "3.4.1"].compactMap { BlenderVersion($0) }
        let failure = try #require(
            #expect(throws: RenderFailure.self) {
                try BlenderChoice.choose(for: BlenderVersion("5.0"), among: versions)
            })
        #expect(failure.kind == .scene)
        #expect(failure.message.contains("5.0") && failure.message.contains("3.4.1, 4.5.1"))
    }
}
