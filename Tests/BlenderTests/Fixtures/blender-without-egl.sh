#!/bin/sh
# The machine's Blender, as it is where no EGL driver is installed.
__EGL_VENDOR_LIBRARY_FILENAMES=/nowhere exec /usr/bin/blender "$@"
