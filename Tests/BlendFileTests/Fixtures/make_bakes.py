"""Makes bakes-<version>.blend: geometry nodes whose simulation and bake are on disk, with paths of
both kinds, and one that is packed.

    python make_bakes.py        with the `bpy` 5.0.1 module (4.2.23 lacks the packed one)
"""

import os

import bpy

FOLDER = os.path.dirname(os.path.abspath(__file__))
VERSION = "{}.{}".format(*bpy.app.version[:2])


def tree(name):
    """Two bakes in a row."""
    made = bpy.data.node_groups.new(name, "GeometryNodeTree")
    made.interface.new_socket("Geometry", in_out="INPUT", socket_type="NodeSocketGeometry")
    made.interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    into, out = made.nodes.new("NodeGroupInput"), made.nodes.new("NodeGroupOutput")
    first, second = made.nodes.new("GeometryNodeBake"), made.nodes.new("GeometryNodeBake")
    for source, target in ((into, first), (first, second), (second, out)):
        made.links.new(source.outputs[0], target.inputs[0])
    return made


def modifier(name, folder):
    mesh = bpy.data.meshes.new(name)
    thing = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(thing)
    made = thing.modifiers.new("Nodes", "NODES")
    made.node_group = tree(name)
    bpy.context.view_layer.update()
    made.bake_directory = folder
    return made


def main():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    for rest in (bpy.data.brushes, bpy.data.palettes, bpy.data.linestyles):
        bpy.data.batch_remove(list(rest))
    has_targets = "bake_target" in bpy.types.NodesModifier.bl_rna.properties
    sea = modifier("Sea", "//bakes/sea")
    sand = modifier("Sand", "")
    sea.bakes[1].use_custom_path, sea.bakes[1].directory = True, "//elsewhere/foam"
    sand.bakes[0].directory = "//not/used"
    if has_targets:
        sea.bake_target = sand.bake_target = "DISK"
        box = modifier("Box", "//bakes/box")
        box.bake_target = "PACKED"
        box.bakes[1].bake_target = "DISK"
        box.bakes[1].use_custom_path, box.bakes[1].directory = True, "//bakes/lid"
    bpy.ops.wm.save_as_mainfile(
        filepath=os.path.join(FOLDER, f"bakes-{VERSION}.blend"), compress=True
    )


main()
