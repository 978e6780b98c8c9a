"""Directs the files of the compositor's File Output nodes to folders of ours.

    //passes/depth_####  ─┐                         ┌▶ extras/7/File Output/depth_0007.exr
    /home/ann/beauty/    ─┴ directed before frame 7 ┴▶ extras/7/File Output.001/beauty0007.png

A folder for each frame shows which files are complete when Blender reports the frame as saved.
A folder for each node keeps equal file names apart.
"""

import bpy


def compositors(scene):
    # Blender 5.0 has groups only.
    for other in bpy.data.scenes:
        tree = None if hasattr(other, "compositing_node_group") else other.node_tree
        if tree:
            yield tree, "" if other == scene else other.name + " "
    own = getattr(scene, "compositing_node_group", None)
    for tree in bpy.data.node_groups:
        yield tree, "" if tree == own else tree.name + " "


def clean(path):
    """The path without ways out of its folder, with a name that every file system accepts."""
    text = "".join(c if c.isprintable() else "-" for c in path.replace("\\", "/"))
    return "/".join(part for part in text.split("/") if part not in ("", ".", ".."))


def find_file_outputs(scene):
    """The nodes by the names of their folders. The same file gives the same names everywhere."""
    found = {}
    for tree, prefix in compositors(scene):
        for node in tree.nodes:
            if node.bl_idname == "CompositorNodeOutputFile":
                name = clean((prefix + node.name).replace("/", "-")) or "File Output"
                while name in found:
                    name += "-"
                found[name] = node
    return found


def numbered(name, rest=""):
    """The name with a place for the frame number.

    Blender 5.0 numbers files of a frame that is rendered by itself only where the name asks for it.
    """
    return name if "#" in name + rest else name + "####"


def restrain(node):
    """Cleans the node's file names. Returns the start of the names, where the path holds it."""
    layered = node.format.file_format == "OPEN_EXR_MULTILAYER"
    if hasattr(node, "file_output_items"):  # from 5.0 on
        node.file_name = clean(node.file_name)
        if layered:
            node.file_name = numbered(node.file_name)
        else:
            for item in node.file_output_items:
                item.name = numbered(clean(item.name), node.file_name)
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
    wanted["starts"] = {name: restrain(node) for name, node in find_file_outputs(scene).items()}
