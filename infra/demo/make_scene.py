"""Makes the demo's scene: a wave runs through a field of glossy beads round a mirror ball.

    blender -b --factory-startup --python infra/demo/make_scene.py -- OUT.blend [options]

Options:

- `--frames A-B`: default 1-24, which is one turn of the wave, so the animation loops
- `--size WxH`: default 640x360
- `--samples N`: default 18
- `--tiny`: 64x36 pixels, one sample by default, a few beads, for tests with a real render
- `--no-camera`: leaves out the camera, for tests in which a render fails

Debian's Blender has no denoiser: large lights, few bounces, clamped highlights and a bilateral
blur in the compositor, which spares edges, keep the picture clean at few samples.
"""

import argparse
import math
import os
import sys

import bpy

LOOP = 24
GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))
# From the middle outwards, linear RGB: amber, coral, magenta, indigo, teal.
PALETTE = [
    (1.00, 0.52, 0.06),
    (0.95, 0.17, 0.05),
    (0.66, 0.03, 0.16),
    (0.16, 0.04, 0.42),
    (0.02, 0.12, 0.50),
    (0.01, 0.30, 0.42),
]


def read_arguments():
    own = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []
    parser = argparse.ArgumentParser(prog="make_scene.py")
    parser.add_argument("out")
    parser.add_argument("--frames", default="1-24")
    parser.add_argument("--size", default="640x360")
    parser.add_argument("--samples", type=int)
    parser.add_argument("--tiny", action="store_true")
    parser.add_argument("--no-camera", action="store_true")
    return parser.parse_args(own)


def material(name, colour=None, metallic=0.0, roughness=0.2):
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    shader = made.node_tree.nodes["Principled BSDF"]
    shader.inputs["Metallic"].default_value = metallic
    shader.inputs["Roughness"].default_value = roughness
    if not colour:
        object_info = made.node_tree.nodes.new("ShaderNodeObjectInfo")
        made.node_tree.links.new(object_info.outputs["Color"], shader.inputs["Base Color"])
    else:
        shader.inputs["Base Color"].default_value = (*colour, 1)
    return made


def palette(position):
    """The colour at `position`, 0 in the middle and 1 at the rim."""
    place = min(max(position, 0), 1) * (len(PALETTE) - 1)
    low = min(int(place), len(PALETTE) - 2)
    share = place - low
    return tuple(a + (b - a) * share for a, b in zip(PALETTE[low], PALETTE[low + 1], strict=True))


def swing(thing, path, index, amplitude, phase, around, turns=1):
    """Moves one channel as a sine that repeats every `LOOP` frames, without keyframes."""
    animation = thing.animation_data_create()
    if not animation.action:
        animation.action = bpy.data.actions.new(thing.name)
    action = animation.action
    channel = (
        action.fcurves.new(path, index=index)
        if hasattr(action, "fcurves")
        else action.fcurve_ensure_for_datablock(thing, path, index=index)
    )  # from 5.0 on
    sine = channel.modifiers.new("FNGENERATOR")
    sine.function_type = "SIN"
    sine.amplitude = amplitude
    sine.phase_multiplier = turns * 2 * math.pi / LOOP
    sine.phase_offset = phase
    sine.value_offset = around


def add_sphere(name, radius, segments):
    bpy.ops.mesh.primitive_uv_sphere_add(segments=segments, ring_count=segments // 2, radius=radius)
    sphere = bpy.context.object
    sphere.name = name
    bpy.ops.object.shade_smooth()
    return sphere


def add_beads(count, segments):
    first = add_sphere("Bead", 1, segments)
    first.data.materials.append(material("Bead", roughness=0.34))
    spacing = 0.335
    rim = spacing * math.sqrt(count + 14)
    for number in range(count):
        bead = first if number == 0 else bpy.data.objects.new(f"Bead {number}", first.data)
        if number > 0:
            bpy.context.collection.objects.link(bead)
        # A sunflower's seeds; the first fourteen places are the ball's.
        angle = (number + 14) * GOLDEN_ANGLE
        distance = spacing * math.sqrt(number + 14)
        bead.scale = [0.235 + 0.045 * distance / rim] * 3
        bead.location = (distance * math.cos(angle), distance * math.sin(angle), 0)
        bead.color = (*palette((distance - 1.1) / (rim - 1.1)), 1)
        swing(bead, "location", 2, 0.26, -distance * 1.75, 0.36)


def add_ball(segments):
    ball = add_sphere("Ball", 0.95, segments)
    ball.data.materials.append(
        material("Mirror", colour=(0.95, 0.94, 0.92), metallic=1, roughness=0.03)
    )
    swing(ball, "location", 2, 0.10, 0.6, 1.25)


def add_floor():
    bpy.ops.mesh.primitive_plane_add(size=200)
    floor = bpy.context.object
    floor.name = "Floor"
    floor.data.materials.append(material("Floor", colour=(0.012, 0.016, 0.028), roughness=0.24))


def add_light(name, location, target, size, watts, colour):
    light = bpy.data.lights.new(name, "AREA")
    light.shape = "DISK"
    light.size = size
    light.energy = watts
    light.color = colour
    holder = bpy.data.objects.new(name, light)
    holder.location = location
    aim(holder, target)
    bpy.context.collection.objects.link(holder)


def aim(thing, target):
    from mathutils import Vector

    direction = Vector(target) - Vector(thing.location)
    thing.rotation_euler = direction.to_track_quat("-Z", "Y").to_euler()


def add_lights():
    add_light("Key, warm", (5.5, -3.0, 5.5), (0, 0, 0.4), 3.6, 900, (1.0, 0.74, 0.50))
    add_light("Rim, cool", (-6.5, 5.0, 4.0), (0, 0, 0.4), 4.2, 850, (0.36, 0.58, 1.0))
    world = bpy.context.scene.world
    world.use_nodes = True
    background = world.node_tree.nodes["Background"]
    background.inputs["Color"].default_value = (0.020, 0.030, 0.060, 1)
    background.inputs["Strength"].default_value = 1.8
    world.light_settings.distance = 1.4


def add_camera():
    lens = bpy.data.cameras.new("Camera")
    lens.lens = 64
    camera = bpy.data.objects.new("Camera", lens)
    camera.location = (0.5, -11.6, 4.4)
    aim(camera, (0.0, 0.0, 0.62))
    bpy.context.collection.objects.link(camera)
    lens.dof.use_dof = True
    lens.dof.focus_distance = 10.6
    lens.dof.aperture_fstop = 0.9
    bpy.context.scene.camera = camera


def set_render(arguments):
    scene = bpy.context.scene
    first, last = (int(number) for number in arguments.frames.split("-"))
    scene.frame_start, scene.frame_end, scene.frame_current = first, last, first
    scene.render.fps = 24
    width, height = (int(side) for side in arguments.size.split("x"))
    scene.render.resolution_x, scene.render.resolution_y = width, height
    scene.render.resolution_percentage = 100
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGB"
    scene.render.engine = "CYCLES"
    cycles = scene.cycles
    cycles.samples = arguments.samples
    cycles.use_adaptive_sampling = False
    cycles.use_denoising = False
    cycles.max_bounces = 4
    cycles.diffuse_bounces = 2
    cycles.glossy_bounces = 3
    cycles.caustics_reflective = False
    cycles.caustics_refractive = False
    cycles.blur_glossy = 1.0
    cycles.sample_clamp_direct = 3.0
    cycles.sample_clamp_indirect = 1.5
    cycles.filter_width = 1.7
    # Light that bounced once is approximated, which saves a tenth of the time.
    cycles.use_fast_gi = True
    cycles.ao_bounces_render = 1
    scene.view_settings.view_transform = "Filmic"
    scene.view_settings.look = "Medium High Contrast"
    scene.view_settings.exposure = 0.35


def smooth_noise():
    scene = bpy.context.scene
    scene.use_nodes = True
    nodes, links = scene.node_tree.nodes, scene.node_tree.links
    nodes.clear()
    layers = nodes.new("CompositorNodeRLayers")
    blur = nodes.new("CompositorNodeBilateralblur")
    blur.iterations, blur.sigma_color, blur.sigma_space = 1, 0.22, 2.0
    composite = nodes.new("CompositorNodeComposite")
    links.new(layers.outputs["Image"], blur.inputs["Image"])
    links.new(layers.outputs["Image"], blur.inputs["Determinator"])
    links.new(blur.outputs["Image"], composite.inputs["Image"])


def main():
    arguments = read_arguments()
    if arguments.tiny:
        arguments.size = "64x36"
    if not arguments.samples:
        arguments.samples = 1 if arguments.tiny else 18
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.name = "Beads"
    scene.world = bpy.data.worlds.new("Studio")
    add_beads(count=24 if arguments.tiny else 330, segments=12 if arguments.tiny else 48)
    add_ball(segments=16 if arguments.tiny else 96)
    add_floor()
    add_lights()
    if not arguments.no_camera:
        add_camera()
    set_render(arguments)
    if not arguments.tiny:
        smooth_noise()
    bpy.ops.wm.save_as_mainfile(filepath=os.path.abspath(arguments.out), compress=True)
    print(f"Made {arguments.out}")


main()
