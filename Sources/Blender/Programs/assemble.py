"""Makes a still and a thumbnail of each picture, then the contact sheet and the video.

Says `ready`. For each command `FRAME WIDTH HEIGHT PATH` it says `shrunk FRAME shown` or
`shrunk FRAME blank`. After `finish` or `finish video` it makes the sheet and the video, says `made`
or `omitted WHY` for each, and `assembled` at the end.

Every worker has Blender. Blender reads each format that it writes, has the scene's view transform,
and encodes H.264. Debian's Blender has no numpy, so the pixels are in `array`s.
"""

import array
import math
import os

import bpy
from spotrender.protocol import commands, say
from spotrender.scene import run

WIDE, SIDE, CELLS = 1920, 320, 100
# Each digit's rows of three bits, from the top.
ROWS = "75557 26227 71747 71717 55711 74717 74757 71222 75757 75717 00700"
DIGITS = dict(zip("0123456789-", ROWS.split()))


def fit(size, side, step=1):
    scale = min(1, side / max(size))
    return [max(step, int(length * scale) // step * step) for length in size]


def show_as_they_are(scene):
    scene.display_settings.display_device = "sRGB"
    view = scene.view_settings
    view.view_transform, view.look = "Standard", "None"
    view.exposure, view.gamma, view.use_curve_mapping = 0, 1, False


def choose_format(scene, name, **settings):
    image = scene.render.image_settings
    if hasattr(image, "media_type"):
        image.media_type = "VIDEO" if name == "FFMPEG" else "IMAGE"
    image.file_format = name
    for key, value in settings.items():
        setattr(image, key, value)


def flatten(path, size):
    """Replaces a file of layers by its first layer: the compositor's picture, if there is one.

    Only Blender's compositor reads files of layers.
    """
    studio = bpy.data.scenes.new("Flat")
    render = studio.render
    render.resolution_x, render.resolution_y = size
    render.resolution_percentage = 100
    choose_format(studio, "OPEN_EXR", color_mode="RGBA", color_depth="16")
    if hasattr(studio, "compositing_node_group"):  # from 5.0 on
        tree = bpy.data.node_groups.new("Flat", "CompositorNodeTree")
        tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
        studio.compositing_node_group = tree
        final = tree.nodes.new("NodeGroupOutput")
    else:
        studio.use_nodes = True
        tree = studio.node_tree
        tree.nodes.clear()
        final = tree.nodes.new("CompositorNodeComposite")
    layers = tree.nodes.new("CompositorNodeImage")
    layers.image = bpy.data.images.load(path)
    tree.links.new(layers.outputs["Combined"], final.inputs["Image"])
    render.filepath = path + ".flat.exr"
    bpy.ops.render.render(write_still=True, scene=studio.name)
    bpy.data.images.remove(layers.image)
    bpy.data.scenes.remove(studio)
    os.replace(path + ".flat.exr", path)


def is_blank(picture):
    count = picture.channels
    pixels = array.array("f", bytes(4 * len(picture.pixels)))
    picture.pixels.foreach_get(pixels)

    def is_dark(channel):
        # Lossy compression may be off by one of 255 steps. A few pixels are enough to see that
        # most pictures are not dark.
        return all(max(pixels[channel :: count * step]) < 0.005 for step in (61, 1))

    return all(map(is_dark, range(min(count, 3)))) or (count == 4 and is_dark(3))


def shrink(scene, wanted, number, size, path):
    if wanted["format"] == "OPEN_EXR_MULTILAYER":
        flatten(path, size)
    picture = bpy.data.images.load(path)
    picture.scale(*fit(picture.size, WIDE, 2))
    blank = is_blank(picture)
    picture.save_render(f"{wanted['stills']}/{number}.jpg", scene=scene)
    picture.scale(*fit(picture.size, SIDE))
    picture.save_render(f"{wanted['thumbnails']}/{number}.jpg", scene=scene)
    bpy.data.images.remove(picture)
    say("shrunk", f"{number} {'blank' if blank else 'shown'}")


def write_number(sheet, width, left, top, text):
    for index, digit in enumerate(text):
        for y, bits in enumerate(DIGITS[digit]):
            for x in range(3):
                if int(bits) & (4 >> x):
                    for row in (top - 2 * y, top - 2 * y - 1):
                        start = 4 * (row * width + left + 8 * index + 2 * x)
                        sheet[start : start + 8] = array.array("f", (0.6, 0.64, 0.7, 1) * 2)


def lay_out(scene, wanted, numbers):
    # A sheet with too many frames shows an even choice of them.
    step = max(1, len(numbers) / CELLS)
    numbers = [numbers[int(index * step)] for index in range(min(CELLS, len(numbers)))]
    pictures = [bpy.data.images.load(f"{wanted['thumbnails']}/{number}.jpg") for number in numbers]
    wide, high = pictures[0].size
    columns = min(len(numbers), max(3, math.ceil(math.sqrt(len(numbers) * high / wide))))
    wide, high = fit((wide, high), min(SIDE, WIDE // columns - 8))
    rows = math.ceil(len(numbers) / columns)
    width, height = columns * (wide + 8) + 8, rows * (high + 24) + 8
    sheet = array.array("f", (0.08, 0.086, 0.11, 1)) * (width * height)
    for index, (number, picture) in enumerate(zip(numbers, pictures)):
        picture.scale(wide, high)
        pixels = array.array("f", bytes(4 * len(picture.pixels)))
        picture.pixels.foreach_get(pixels)
        bpy.data.images.remove(picture)
        left = 8 + index % columns * (wide + 8)
        # Blender counts rows from the bottom.
        bottom = height - (index // columns + 1) * (high + 24)
        for row in range(high):
            start = 4 * ((bottom + 16 + row) * width + left)
            sheet[start : start + 4 * wide] = pixels[4 * wide * row : 4 * wide * (row + 1)]
        write_number(sheet, width, left, bottom + 12, str(number))
    made = bpy.data.images.new("Sheet", width, height)
    made.pixels.foreach_set(sheet)
    made.save_render(wanted["sheet"], scene=scene)
    say("made", "sheet")


def film(scene, wanted, numbers):
    if not bpy.app.build_options.codec_ffmpeg:
        raise RuntimeError("this Blender was built without FFmpeg")
    studio = bpy.data.scenes.new("Film")
    show_as_they_are(studio)
    render, encoder = studio.render, studio.render.ffmpeg
    first = bpy.data.images.load(f"{wanted['stills']}/{numbers[0]}.jpg")
    render.resolution_x, render.resolution_y = first.size
    render.resolution_percentage = 100
    render.fps, render.fps_base = scene.render.fps, scene.render.fps_base
    choose_format(studio, "FFMPEG", color_mode="RGB")
    encoder.format, encoder.codec, encoder.audio_codec = "MPEG4", "H264", "NONE"
    encoder.constant_rate_factor, encoder.ffmpeg_preset = "HIGH", "GOOD"
    encoder.gopsize = 12
    editor = studio.sequence_editor_create()
    strips = editor.strips if hasattr(editor, "strips") else editor.sequences
    strip = strips.new_image("Stills", first.filepath, 1, 1)
    for number in numbers[1:]:
        strip.elements.append(f"{number}.jpg")
    studio.frame_start, studio.frame_end = 1, len(numbers)
    render.filepath = wanted["video"]
    bpy.ops.render.render(animation=True, scene=studio.name)
    say("made", "video")


def work(scene, wanted):
    # Only OpenEXR has not gone through the scene's view transform yet.
    if not wanted["format"].startswith("OPEN_EXR"):
        show_as_they_are(scene)
    choose_format(scene, "JPEG", color_mode="RGB", quality=90)
    numbers = []
    os.makedirs(wanted["stills"])
    os.makedirs(wanted["thumbnails"])
    say("ready")
    while True:
        first, *rest = commands.get().split(" ", 3)
        if first == "finish":
            break
        shrink(scene, wanted, int(first), (int(rest[0]), int(rest[1])), rest[2])
        numbers.append(int(first))
    flat = bpy.data.scenes.new("Sheet")
    show_as_they_are(flat)
    choose_format(flat, "JPEG", color_mode="RGB", quality=90)
    lay_out(flat, wanted, numbers)
    if rest == ["video"]:
        try:
            film(scene, wanted, numbers)
        except RuntimeError as error:
            say("omitted", f"There is no video: {error}")
    say("assembled")


run(work)
