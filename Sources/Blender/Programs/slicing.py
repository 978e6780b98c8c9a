"""What slices and their merge need to know about a scene.

Which passes its picture is made of, and whether the mean of its slices equals the whole render.
"""

import _cycles
import bpy
from cycles.engine import list_render_passes

TRIED = ((3, 4), (4, 2), (4, 5), (5, 0))
DENOISING_TRIED = ((4, 5),)


def layers(scene):
    return [layer for layer in scene.view_layers if layer.use]


def denoised(scene):
    if not scene.cycles.use_denoising:
        return []
    return [layer for layer in layers(scene) if layer.cycles.use_denoising]


def compositor(scene):
    if not scene.render.use_compositing:
        return None
    if hasattr(scene, "compositing_node_group"):  # from 5.0 on
        return scene.compositing_node_group
    return scene.node_tree if scene.use_nodes else None


def nodes_of(tree):
    for node in tree.nodes:
        if not node.mute:
            yield node
            if node.type == "GROUP" and node.node_tree:
                yield from nodes_of(node.node_tree)


def listed(scene, layer):
    return {entry[0] for entry in list_render_passes(scene, layer)}


def needed_passes(scene, layer):
    if scene.render.image_settings.file_format == "OPEN_EXR_MULTILAYER":
        return listed(scene, layer)
    needed = {"Combined"}
    if layer in denoised(scene):
        guides = scene.cycles.denoising_input_passes
        needed |= {"Denoising " + name.capitalize() for name in guides.split("_")[1:]}
    tree = compositor(scene)
    for node in nodes_of(tree) if tree else ():
        if node.type == "R_LAYERS" and node.layer == layer.name:
            needed |= {
                socket.name for socket in node.outputs if socket.is_linked and socket.enabled
            }
    return needed - {"Image", "Alpha"}


def leave_needed_passes(scene):
    """Switches off the passes that the picture does not need.

    It tries each switch: the passes that Cycles no longer lists belong to that switch. This works
    in every version.
    """
    needs = [(layer, needed_passes(scene, layer)) for layer in layers(scene)]
    # The merge denoises.
    scene.cycles.use_denoising = False
    for layer, needed in needs:
        layer.cycles.denoising_store_passes = True
        for holder in (layer, layer.cycles):
            for name in dir(holder):
                switch = name.startswith("use_pass_") or name in (
                    "denoising_store_passes",
                    "pass_debug_sample_count",
                )
                if switch and name != "use_pass_combined" and getattr(holder, name):
                    setattr(holder, name, False)
                    if not needed <= listed(scene, layer):
                        setattr(holder, name, True)


def objections_to_passes(scene, wanted):
    averaged, first = (set(wanted[key].split(",")) for key in ("averaged", "first"))
    for layer in layers(scene):
        own = {aov.name for aov in layer.aovs}
        own |= {f"Combined_{group.name}" for group in layer.lightgroups}
        if any("." in name or name in averaged | first for name in own):
            yield f'passes of "{layer.name}" have names that can\'t be distinguished'
        other = needed_passes(scene, layer) - averaged - first - own
        if other:
            yield "its picture needs passes that can't be merged: " + ", ".join(sorted(other))


def objections_to_compositor(scene):
    tree = compositor(scene)
    if tree is None:
        return
    if bpy.app.version >= (5, 0):
        yield "compositing slices was not tried with this Blender"
        return
    nodes = list(nodes_of(tree))
    renders = [node for node in nodes if node.type == "R_LAYERS"]
    if not renders:
        yield "its compositor makes the picture without a render"
    if any(node.scene not in (None, scene) for node in renders):
        yield "its compositor uses another scene's render"
    if any(node.type == "CRYPTOMATTE_V2" and node.source == "RENDER" for node in nodes):
        yield "its compositor uses Cryptomatte, which is not a mean over samples"
    if any(
        node.type == "IMAGE" and node.image and node.image.type in ("RENDER_RESULT", "COMPOSITING")
        for node in nodes
    ):
        yield "its compositor reads an earlier render"


def objections_to_denoising(scene):
    if not denoised(scene):
        return
    if not _cycles.with_openimagedenoise:
        yield "it uses denoising, and this Blender was built without a denoiser"
    elif scene.cycles.denoiser != "OPENIMAGEDENOISE":
        yield f"its denoiser is {scene.cycles.denoiser}: choose OpenImageDenoise"
    elif bpy.app.version[:2] not in DENOISING_TRIED:
        yield f"denoising slices was not tried with Blender {bpy.app.version_string}"


def objections_to_pattern(cycles):
    # Before 4.4 most patterns are laid out for the samples of one render. Two halves merged
    # differ from the whole by: Sobol (3.4.1) 6e-6; multi-jitter (3.4.1) and tabulated Sobol
    # (4.2.23) 9e-7 up to 256 samples, and 0.08 with 512; blue noise (4.2.23) 0.3.
    if hasattr(cycles, "use_sample_subset") or cycles.sampling_pattern == "SOBOL":
        return
    if cycles.sampling_pattern not in ("PROGRESSIVE_MULTI_JITTER", "TABULATED_SOBOL"):
        yield (
            "its blue noise is made for the samples of one render: set the scene's "
            "sampling pattern to Tabulated Sobol"
        )
    elif cycles.samples > 256:
        yield (
            "in this Blender, more than 256 samples of its pattern are not a mean of slices: "
            "use 256 samples, or set the sampling pattern to Sobol if the scene offers it"
        )


def objections_to_sampling(scene, wanted):
    cycles = scene.cycles
    if cycles.use_adaptive_sampling and wanted["forced"] != "yes":
        yield (
            "adaptive sampling starts over in each slice, which costs more than slices "
            "save: switch it off, or force slices, which render without it"
        )
    yield from objections_to_denoising(scene)
    if cycles.device == "GPU":
        yield "slices were not tried on a graphics processor"
    if cycles.time_limit > 0:
        yield "a time limit ends its sampling"
    if cycles.auto_scrambling_distance:
        yield "its scrambling distance depends on the number of samples"
    if getattr(cycles, "use_guiding", False):
        yield "path guiding learns from earlier samples"
    if cycles.sample_offset or getattr(cycles, "use_sample_subset", False):
        yield "it already renders only a part of its samples"
    if cycles.use_layer_samples != "IGNORE" and any(layer.samples for layer in layers(scene)):
        yield "its view layers have samples of their own"
    yield from objections_to_pattern(cycles)


def objections(scene, wanted):
    render = scene.render
    if render.engine != "CYCLES":
        yield "only Cycles renders slices of samples"
        return
    if bpy.app.version[:2] not in TRIED:
        tried = ", ".join(".".join(map(str, version)) for version in TRIED)
        yield f"slices were not tried with Blender {bpy.app.version_string}, only with {tried}"
        # The other checks were not tried either: this version may lack what they read.
        return
    yield from objections_to_sampling(scene, wanted)
    yield from objections_to_compositor(scene)
    yield from objections_to_passes(scene, wanted)
    # Lamps have the flag too, with another meaning.
    if any(thing.is_shadow_catcher and thing.type != "LIGHT" for thing in bpy.data.objects):
        yield "the alpha of a shadow catcher is not a mean over samples"
    if any(thing.type in ("GPENCIL", "GREASEPENCIL") for thing in scene.objects):
        yield "Grease Pencil is drawn over the render"
    if render.use_freestyle:
        yield "Freestyle draws over the render"
    editor = scene.sequence_editor
    strips = "strips_all" if hasattr(editor, "strips_all") else "sequences_all"
    if render.use_sequencer and editor and getattr(editor, strips):
        yield "its picture comes from the sequencer"
