import Testing

@testable import BlendFile

@Suite struct `A file of any layout` {
    struct Layout: CustomTestStringConvertible {
        var testDescription: String
        var file: MadeFile
    }

    static let layouts: [Layout] = [
        Layout(testDescription: "64 bits, little-endian", file: MadeFile()),
        Layout(testDescription: "32 bits, little-endian", file: MadeFile(pointerSize: 4)),
        Layout(testDescription: "64 bits, big-endian", file: MadeFile(isBigEndian: true)),
        Layout(
            testDescription: "32 bits, big-endian",
            file: MadeFile(pointerSize: 4, isBigEndian: true)),
        Layout(
            testDescription: "long heads, little-endian",
            file: MadeFile(hasLongHeads: true, version: 500)),
        Layout(
            testDescription: "long heads, big-endian",
            file: MadeFile(isBigEndian: true, hasLongHeads: true, version: 501)),
    ]

    @Test(arguments: layouts)
    func `has the same scene`(_ layout: Layout) async throws {
        let summary = try await BlendReader.summary(of: BytesInMemory(layout.file.bytes))
        #expect(summary.version == FileVersion(number: layout.file.version))
        #expect(summary.compression == .none)
        #expect(summary.activeSceneIndex == 0)
        #expect(
            summary.scenes == [
                SceneSummary(
                    name: "Szene", frameStart: -3, frameEnd: 300, frameStep: 2, engine: "CYCLES",
                    resolutionX: 1921, resolutionY: 1081, resolutionPercentage: 33, output: .png,
                    hasCamera: true, mayRenderWithoutCamera: false)
            ])
    }

    @Test func `may be from an old version, with numbers for format and engine`() async throws {
        var file = MadeFile(pointerSize: 4, version: 249)
        file.structures = MadeFile.ancient
        file.scenes = [MadeScene(frames: (1, 250, 9), imageType: 4)]
        let scene = try await BlendReader.summary(of: BytesInMemory(file.bytes)).scenes[0]
        #expect(scene.frameStart == 1 && scene.frameEnd == 250 && scene.frameStep == 1)
        #expect(scene.engine == "BLENDER_RENDER")
        #expect(scene.output == .jpeg)
    }

    @Test func `may end with only the end's code`() async throws {
        var bytes = MadeFile().bytes
        bytes.removeLast(20)
        let summary = try await BlendReader.summary(of: BytesInMemory(bytes))
        #expect(summary.scenes.count == 1)
    }

    @Test func `may have its catalogue before its scenes`() async throws {
        var file = MadeFile(hasCatalogue: false)
        let scenes = file.bytes.dropFirst(file.header.count)
        file.rest = []
        let bytes = file.header + file.block("DNA1", file.catalogue) + scenes
        let summary = try await BlendReader.summary(of: BytesInMemory(bytes))
        #expect(summary.scenes.map(\.name) == ["Szene"])
    }
}

@Suite struct `A scene` {
    private func summary(_ file: MadeFile) async throws -> BlendSummary {
        try await BlendReader.summary(of: BytesInMemory(file.bytes))
    }

    @Test(arguments: [(0x1000, 0), (0x2000, 1), (0, 0), (0x9999, nil)] as [(UInt64, Int?)])
    func `is active if the file names it`(address: UInt64, index: Int?) async throws {
        var file = MadeFile(scenes: [MadeScene(name: "A"), MadeScene(name: "B")])
        file.openScene = address
        let summary = try await summary(file)
        #expect(summary.activeSceneIndex == index)
        #expect(summary.activeScene == index.map { summary.scenes[$0] })
    }

    @Test func `is the first if the file has no settings`() async throws {
        let summary = try await summary(
            MadeFile(scenes: [MadeScene(name: "A"), MadeScene(name: "B")], openScene: nil))
        #expect(summary.activeScene?.name == "A")
        #expect(summary.scene(named: "B")?.name == "B")
        #expect(summary.scene(named: "C") == nil)
    }

    @Test func `has the picture size that Blender computes`() async throws {
        let scene = try await summary(MadeFile()).scenes[0]
        #expect(scene.width == 633)
        #expect(scene.height == 356)
    }

    @Test func `may have a reversed range, and a step of zero counts as one`() async throws {
        let file = MadeFile(scenes: [MadeScene(frames: (10, -5, 0))])
        let scene = try await summary(file).scenes[0]
        #expect(scene.frameStart == 10 && scene.frameEnd == -5 && scene.frameStep == 1)
    }

    static let cameras: [(scene: MadeScene, hasCamera: Bool, mayRender: Bool)] = [
        (MadeScene(camera: 5), true, false),
        (MadeScene(camera: 0), false, false),
        (MadeScene(camera: 0, markers: 5), false, true),
        (MadeScene(camera: 0, sequencer: MadeScene.sequencer), false, false),
        (MadeScene(camera: 0, sequencer: MadeScene.sequencer, strips: 5), false, true),
        // A sequencer that was not found may have strips.
        (MadeScene(camera: 0, sequencer: 0xEE), false, true),
    ]

    @Test(arguments: cameras)
    func `says whether it can make pictures`(
        scene: MadeScene, hasCamera: Bool, mayRender: Bool
    ) async throws {
        let scene = try await summary(MadeFile(scenes: [scene])).scenes[0]
        #expect(scene.hasCamera == hasCamera)
        #expect(scene.mayRenderWithoutCamera == mayRender)
    }

    @Test(arguments: [
        (0, "TARGA"), (4, "JPEG"), (17, "PNG"), (22, "TIFF"), (23, "OPEN_EXR"), (24, nil),
        (28, "OPEN_EXR_MULTILAYER"), (35, "WEBP"), (255, nil),
    ])
    func `has Blender's name of its output format`(number: Int, identifier: String?) async throws {
        let file = MadeFile(scenes: [MadeScene(imageType: number)])
        let scene = try await summary(file).scenes[0]
        #expect(scene.output.identifier == identifier)
        #expect((scene.output == .movie) == (number == 24))
    }
}

@Suite struct `A Blender version` {
    @Test(arguments: [(277, "2.77"), (205, "2.05"), (293, "2.93"), (304, "3.4"), (500, "5.0")])
    func `has Blender's notation`(number: Int, text: String) {
        #expect(FileVersion(number: number).description == text)
    }

    @Test func `is ordered`() {
        #expect(FileVersion(2, 93) < FileVersion(3, 0))
        #expect(FileVersion(3, 4) == FileVersion(number: 304))
    }
}
