import Farm
import FoundationEssentials
import Glibc

/// What a scene writes beside its frames: the files of its compositor's File Output nodes, wherever
/// these nodes want them.
///
///     //passes/depth_####     ─┐                          ┌▶ extras/7/File Output/depth_0007.exr
///     /home/ann/beauty/       ─┴─ directed before frame 7 ┴▶ extras/7/File Output.001/beauty0007.png
///
/// A folder for each frame tells which files are whole when Blender says that the frame is saved; one
/// for each node keeps equal names apart. Passes and view layers in the frame's own file are a part
/// of the frame.
extension RenderProgram {
    static let extraOutputs = #"""
        def compositors(scene):
            # 5.0 has groups only.
            for other in bpy.data.scenes:
                tree = None if hasattr(other, "compositing_node_group") else other.node_tree
                if tree:
                    yield tree, "" if other == scene else other.name + " "
            own = getattr(scene, "compositing_node_group", None)
            for tree in bpy.data.node_groups:
                yield tree, "" if tree == own else tree.name + " "

        def clean(path):
            # No way out of the folder, and a name that any disk takes.
            text = "".join(c if c.isprintable() else "-" for c in path.replace("\\", "/"))
            return "/".join(part for part in text.split("/") if part not in ("", ".", ".."))

        def find_file_outputs(scene):
            # By the name of each one's folder. The same file gives the same names everywhere.
            found = {}
            for tree, prefix in compositors(scene):
                for node in tree.nodes:
                    if node.bl_idname == "CompositorNodeOutputFile":
                        name = clean((prefix + node.name).replace("/", "-")) or "File Output"
                        while name in found:
                            name += "-"
                        found[name] = node
            return found

        def restrain(node):
            # What its files' names begin with, where the node itself says that.
            layered = node.format.file_format == "OPEN_EXR_MULTILAYER"
            if hasattr(node, "file_output_items"):  # from 5.0 on
                # Numbers as before: of a frame that is rendered by itself it numbers only what asks for it.
                number = lambda name, rest="": name if "#" in name + rest else name + "####"
                node.file_name = clean(node.file_name)
                if layered:
                    node.file_name = number(node.file_name)
                else:
                    for item in node.file_output_items:
                        item.name = number(clean(item.name), node.file_name)
                return ""
            for slot in node.file_slots:
                slot.path = clean(slot.path)
            return clean(node.base_path).split("/")[-1] if layered else ""

        def direct_extras(scene, wanted, frame):
            for name, node in find_file_outputs(scene).items():
                folder = f"{wanted['extras']}/{frame}/{name}/"
                if hasattr(node, "directory"):
                    node.directory = folder
                else:
                    node.base_path = folder + wanted["starts"][name]

        def choose_extras(scene, wanted):
            wanted["starts"] = {
                name: restrain(node) for name, node in find_file_outputs(scene).items()}

        """#
}

extension RenderRequest {
    /// Where a frame's extra files are: in folders, one for each node that wrote any.
    func extrasFolder(of number: Int) -> String { "\(directory)/extras/\(number)" }

    /// Whether anything was written beside the frame. A link in a folder's place is not followed: it
    /// leads to what the worker may read and the scene may not.
    func hasExtras(of number: Int) -> Bool {
        ["\(directory)/extras", extrasFolder(of: number)].allSatisfy { path in
            var status = stat()
            return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        }
    }

    /// Called when the frame is saved: what was written for it is whole then, or never will be.
    func extras(of number: Int) throws(RenderFailure) -> [RenderedFrame.Extra] {
        guard hasExtras(of: number) else { return [] }
        let folder = extrasFolder(of: number)
        let files = FileManager.default
        do {
            return try files.subpathsOfDirectory(atPath: folder).sorted().compactMap { name in
                let path = "\(folder)/\(name)"
                let attributes = try files.attributesOfItem(atPath: path)
                guard attributes[.type] as? FileAttributeType == .typeRegular else { return nil }
                do throws(PictureFault) {
                    return RenderedFrame.Extra(
                        name: name, path: path, byteCount: try PictureCheck.whole(path))
                } catch {
                    throw RenderFailure(
                        .noPicture, "Blender wrote \(name) beside frame \(number), but \(error).")
                }
            }
        } catch let failure as RenderFailure {
            throw failure
        } catch {
            throw RenderFailure(.disk, "The files beside frame \(number) can't be read: \(error)")
        }
    }
}

extension PictureCheck {
    /// Bytes of a whole file. Of a picture in a format of ours that is checked as a frame's is, by
    /// the ending of its name; of any other, that there is something in it.
    fileprivate static func whole(_ path: String) throws(PictureFault) -> Int64 {
        let ending = path.split(separator: ".").last.map { $0.lowercased() }
        if let format = ImageFormat.allCases.first(where: { $0.fileExtension == ending }) {
            return try PictureCheck(format: format, size: nil).check(path).byteCount
        }
        let count = try PictureFile(path: path).byteCount
        guard count > 0 else { throw .empty }
        return count
    }
}
