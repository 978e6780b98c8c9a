"""Chooses what Cycles renders on: graphics processors where it finds some, else the CPU.

The scene's own choice does not count: it describes the machine that saved the scene. These calls
list devices in Blender 3.4.1, 4.2.23 and 5.0.1. They were not tried on a graphics processor.
"""

import bpy
from spotrender.protocol import say


def processors(preferences, backend):
    try:
        preferences.compute_device_type = backend
    except TypeError:
        return []  # This Blender was built without the backend.
    getattr(preferences, "refresh_devices", preferences.get_devices)()
    return [device for device in preferences.devices if device.type == backend]


def choose_device(scene, nodes):
    if scene.render.engine != "CYCLES":
        return None
    wished = scene.cycles.device
    preferences = bpy.context.preferences.addons["cycles"].preferences
    # The fastest first. Open Shading Language runs only on OptiX and on the CPU.
    backends = ["OPTIX"] if scene.cycles.shading_system else ["OPTIX", "CUDA", "HIP"]
    for backend in backends:
        found = processors(preferences, backend)
        if found:
            for device in preferences.devices:
                device.use = device.type == backend
            scene.cycles.device = "GPU"
            return f"{backend}: {', '.join(device.name for device in found)}"
    scene.cycles.device = "CPU"
    if wished == "GPU":
        say("remark", "the scene asks for a graphics processor and renders on the CPU")
    if nodes and scene.cycles.shading_system:
        return "CPU, since the scene uses Open Shading Language"
    if nodes:
        return (
            f"CPU, since Cycles finds no graphics processor behind {nodes}: "
            "is its driver installed, and in this Blender?"
        )
    return "CPU"


def say_device(wanted):
    """Called for each request: one Blender may serve several tasks, each with its own log."""
    if wanted["device"]:
        say("device", wanted["device"])
