import Farm
import FoundationEssentials
import Testing

@testable import Blender

/// The machine's Blender writes the files of a scene's File Output nodes.
@Suite(.serialized) struct `Files beside a frame` {
    /// Nodes that write to three folders. Two of them use the same file names.
    private static func outputs(in outside: String) -> String {
        """
        layer.use_pass_z = True
        cycles.samples = 4
        add, layers, link, picture = compositor()
        color, depth = layers.outputs["Image"], layers.outputs["Depth"]
        link(color, picture)
        tree = color.id_data
        output(tree, "File Output", "//passes/", "PNG", {
            "Image": color, "../deep/z_####_raw": depth, "sub/alpha": layers.outputs["Alpha"],
            "linked to nothing": None})
        both = {"Image": color, "Z": depth}
        output(tree, "Layers", "\(outside)/layers", "OPEN_EXR_MULTILAYER", both)
        output(tree, "Muted", "\(outside)/muted/", "PNG", {"Image": color}).mute = True
        group = bpy.data.node_groups.new("A/B", "CompositorNodeTree")
        if hasattr(group, "interface"):
            group.interface.new_socket("Image", socket_type="NodeSocketColor")
        else:
            group.inputs.new("NodeSocketColor", "Image")
        source = group.nodes.new("NodeGroupInput").outputs[0]
        output(group, "File Output", "\(outside)/passes/", "TARGA", {"Image": source})
        link(color, add("Group", node_tree=group).inputs[0])
        """
    }

    private static func names(of frame: String) async throws -> [String] {
        // From 5.0 on the file names of such a node have no folders.
        let files =
            try await BlenderProgram.tried.version().major < 5
            ? ["Image\(frame)", "deep/z_\(frame)_raw", "sub/alpha\(frame)"]
            : [".._deep_z_\(frame)_raw", "Image\(frame)", "sub_alpha\(frame)"]
        return ["A-B File Output/Image\(frame).tga"] + files.map { "File Output/\($0).png" }
            + ["Layers/layers\(frame).exr"]
    }

    @Test func `come with their frame, and lie nowhere else`() async throws {
        try await withDirectory { directory in
            let outside = "\(directory)/outside"
            let scene = try await SliceScene(in: directory, Self.outputs(in: outside))
            let frames = try await scene.render("3-7:4")
            #expect(frames.map(\.number) == [3, 7])
            #expect(try await frames[0].extras.map(\.name) == Self.names(of: "0003"))
            #expect(try await frames[1].extras.map(\.name) == Self.names(of: "0007"))
            #expect(frames.flatMap(\.extras).allSatisfy { $0.byteCount > 100 })
            #expect(frames[0].storedByteCount > frames[0].byteCount + 500)
            let layers = try #require(frames[1].extras.last)
            let headers = try EXRHeader.read(PictureFile(path: layers.path)).headers
            #expect(headers.flatMap(\.channels).map(\.name).contains { $0.hasPrefix("Z.") })
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
            #expect(try await frame.extras.map(\.name) == Self.names(of: "0001"))
            let whole = try #require(try await scene.render("1-1").first)
            // Both ways give the same picture.
            let merged = try PictureCheck(format: .png, size: nil).check(frame.extras[1].path)
            let rendered = try PictureCheck(format: .png, size: nil).check(whole.extras[1].path)
            #expect(abs(merged.byteCount - rendered.byteCount) < rendered.byteCount / 20)
        }
    }

    @Test func `are never files that a link leads to`() async throws {
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

    @Test func `that are not complete fail the frame, and the message names them`() async throws {
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
