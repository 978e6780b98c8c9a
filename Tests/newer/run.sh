#!/usr/bin/env bash
# What depends on Blender's version, with newer ones than Debian's: each as `bpy`, the Python module on PyPI, of
# which one takes 350 MB to fetch. First the engine's tests with each, then a farm that has them all.
#
#   Tests/newer/run.sh [VERSION...]         4.5.15 and 5.0.1 by default
set -euo pipefail
cd "$(dirname "$0")/../.."

[ $# -gt 0 ] || set -- 4.5.15 5.0.1
folder=${SPOTRENDER_NEWER:-$PWD/.newer}
all=/usr/bin/blender
for version; do
    own=$folder/$version
    if [ ! -x "$own/blender" ]; then
        echo "Fetching bpy $version"
        /usr/bin/python3 -m venv --clear "$own" # of /usr, which Blender's sandbox shows
        "$own/bin/pip" install -q --disable-pip-version-check "bpy==$version"
        printf '#!/bin/sh\nexec "%s/bin/python" "%s/blender.py" "$@"\n' "$own" "$own" >"$own/blender"
        chmod +x "$own/blender"
    fi
    cp Tests/newer/blender.py "$own/"
    all=$all:$own/blender
done

for version; do
    echo "Blender $version"
    # Python can't set negative frames, as the program's arguments do.
    skipped='negative frames'
    if [ "${version%%.*}" -ge 5 ]; then
        # The module prints no progress. Of slices: compositors, denoisers and passes with their new names are refused.
        skipped+='|sample by sample|the samples and engine it is given|slices become|the render of a scene'
        skipped+='|multilayer|would not be the render|is denoised|nothing denoises|lack a pass'
    fi
    SPOTRENDER_BLENDER=$folder/$version/blender Tests/swift-test.sh --skip-build --no-parallel --skip "$skipped" \
        --filter 'BlenderTests.*(Blender renders|An assembly|Files beside|that is kept|blank picture of Blender)' \
        --filter 'BlenderTests.*(frame of slices|asked for slices|the same picture|sudden death)'
done
SPOTRENDER_BLENDER=$all Tests/with-local-cloud.sh Tests/swift-test.sh --skip-build --filter 'takes for each file'
