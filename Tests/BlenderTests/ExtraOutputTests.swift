import Farm
import FoundationEssentials
import Testing

@testable import Blender

/// What a scene's File Output nodes write, by the Blender of the machine.
@Suite(.serialized) struct `Files beside a frame` {
    /// Nodes that write to three places of their own, two of them to the same names.
    private static func outputs(in outside: String) -> String {
        """
        layer.use_pass_z = True
        cycles.samples = 4
        add, layers, link, picture = compositor()
        color, depth = layers.outputs["Image"], layers.outputs["Depth"]
        link(color, picture)
        single = add("OutputFile", name="File Output", base_path="//passes/")
        single.format.file_format = "PNG"
        for path, source in {"../deep/z_####_raw": depth, "sub/alpha": layers.outputs["Alpha"]}.items():
            single.file_slots.new(path)
            link(source, single.inputs[path])
        link(color, single.inputs["Image"])
        single.file_slots.new("linked to nothing")
        layered = add("OutputFile", name="Layers", base_path="\(outside)/layers")
        layered.format.file_format = "OPEN_EXR_MULTILAYER"
        layered.layer_slots.new("Z")
        link(color, layered.inputs["Image"])
        link(depth, layered.inputs["Z"])
        muted = add("OutputFile", name="Muted", base_path="\(outside)/muted")
        link(color, muted.inputs["Image"])
        muted.mute = True
        group = bpy.data.node_groups.new("A/B", "CompositorNodeTree")
        group.inputs.new("NodeSocketColor", "Image")
        source = group.nodes.new("NodeGroupInput")
        inner = group.nodes.new("CompositorNodeOutputFile")
        inner.base_path, inner.format.file_format = "\(outside)/passes", "TARGA"
        group.links.new(source.outputs[0], inner.inputs[0])
        link(color, add("Group", node_tree=group).inputs[0])
        """
    }

    private static func names(of frame: String) -> [String] {
        [
            "A-B File Output/Image\(frame).tga", "File Output/Image\(frame).png",
            "File Output/deep/z_\(frame)_raw.png", "File Output/sub/alpha\(frame).png",
            "Layers/layers\(frame).exr",
        ]
    }

    @Test func `come with the frame they are of, and lie nowhere else`() async throws {
        try await withDirectory { directory in
            let outside = "\(directory)/outside"
            let scene = try await SliceScene(in: directory, Self.outputs(in: outside))
            let frames = try await scene.render("3-7:4")
            #expect(frames.map(\.number) == [3, 7])
            #expect(frames[0].extras.map(\.name) == Self.names(of: "0003"))
            #expect(frames[1].extras.map(\.name) == Self.names(of: "0007"))
            #expect(frames.flatMap(\.extras).allSatisfy { $0.byteCount > 100 })
            #expect(frames[0].storedByteCount > frames[0].byteCount + 500)
            let layers = try #require(frames[1].extras.last)
            let header = try EXRHeader(PictureFile(path: layers.path))
            #expect(header.channels.map(\.name).contains { $0.hasPrefix("Z.") })
            for name in ["outside", "passes", "deep"] {
                #expect(!FileManager.default.fileExists(atPath: "\(directory)/\(name)"))
            }
        }
    }

    @Test func `of negative frames, too`() async throws {
        try await withDirectory { directory in
            let scene = try await SliceScene(in: directory, Self.outputs(in: directory + "/no"))
            let frames = try await scene.render("-2--1")
            #expect(frames.map(\.number) == [-2, -1])
            #expect(frames.map(\.extras.count) == [5, 5])
        }
    }

    @Test func `are written when slices become the frame, and not before`() async throws {
        try await withDirectory { directory in
            let scene = try await SliceScene(in: directory, Self.outputs(in: directory + "/no"))
            let slices = try await scene.slices([3, 1])
            let frame = try await scene.merge(slices.parts)
            #expect(frame.extras.map(\.name) == Self.names(of: "0001"))
            let whole = try #require(try await scene.render("1-1").first)
            // The same picture by either way.
            let merged = try PictureCheck(format: .png, size: nil).check(frame.extras[1].path)
            let rendered = try PictureCheck(format: .png, size: nil).check(whole.extras[1].path)
            #expect(abs(merged.byteCount - rendered.byteCount) < rendered.byteCount / 20)
        }
    }

    @Test func `are none of those that a link leads to`() async throws {
        try await withDirectory { directory in
            let (secret, folder) = ("\(directory)/secret/1", "\(directory)/extras")
            let files = FileManager.default
            for path in [secret, folder] {
                try files.createDirectory(atPath: path, withIntermediateDirectories: true)
            }
            try write(Array("another's".utf8), to: "\(secret)/frame")
            let request = try RenderRequest.tiny(in: directory, frames: "1-1")
            try files.createSymbolicLink(atPath: "\(folder)/1", withDestinationPath: secret)
            #expect(try request.extras(of: 1) == [])
            try files.removeItem(atPath: folder)
            try files.createSymbolicLink(
                atPath: folder, withDestinationPath: "\(directory)/secret")
            #expect(try request.extras(of: 1) == [])
            try files.removeItem(atPath: folder)
            try files.createDirectory(
                atPath: "\(folder)/1/Node", withIntermediateDirectories: true)
            try files.createSymbolicLink(
                atPath: "\(folder)/1/Node/link", withDestinationPath: "\(secret)/frame")
            try files.createSymbolicLink(
                atPath: "\(folder)/1/Other", withDestinationPath: secret)
            #expect(try request.extras(of: 1) == [])
        }
    }

    @Test func `that are not whole fail the frame, by name`() async throws {
        try await withDirectory { directory in
            let folder = "\(directory)/extras/1/Node"
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
            let request = try RenderRequest.tiny(in: directory, frames: "1-1")
            #expect(try request.extras(of: 2) == [])
            for (name, words) in ["z0001.hdr": "is empty", "z0001.png": "ends early"] {
                try write(name.hasSuffix("hdr") ? [] : [0x89, 0x50], to: "\(folder)/\(name)")
                let failure = #expect(throws: RenderFailure.self) { try request.extras(of: 1) }
                #expect(failure?.kind == .noPicture)
                #expect(failure?.message.contains("Node/\(name) beside frame 1") == true)
                #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
                try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
            }
        }
    }
}
