"""Says which device Cycles renders on with this Blender, without a scene.

The last argument names the machine's graphics processors, as the kernel lists them.
"""

import sys

import bpy
from spotrender.devices import choose_device
from spotrender.protocol import say

scene = bpy.context.scene
scene.render.engine = "CYCLES"
say("device", choose_device(scene, sys.argv[-1]))
