#!/usr/bin/env bash
# Tests what depends on Blender's version with newer versions than Debian's. Each is `bpy`, the
# Python module from PyPI, a download of 350 MB. The engine's tests run with each version, then a
# farm runs with all of them.
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
        /usr/bin/python3 -m venv --clear "$own" # Python from /usr, which Blender's sandbox shows
        "$own/bin/pip" install -q --disable-pip-version-check "bpy==$version"
        printf '#!/bin/sh\nexec "%s/bin/python" "%s/blender.py" "$@"\n' "$own" "$own" >"$own/blender"
        chmod +x "$own/blender"
    fi
    cp Tests/newer/blender.py "$own/"
    all=$all:$own/blender
done

for version; do
    echo "Blender $version"
    # The Python module cannot set negative frames.
    skipped='negative frames'
    if [ "${version%%.*}" -ge 5 ]; then
        # The module prints no progress. Slices refuse compositors, denoisers and passes by their
        # new names.
        skipped+='|sample by sample|the samples and engine it is given|slices become|the render of a scene'
        skipped+='|multilayer|would differ from the render|is denoised|the denoiser is missing|lack a pass'
    fi
    SPOTRENDER_BLENDER=$folder/$version/blender Tests/swift-test.sh --skip-build --no-parallel --skip "$skipped" \
        --filter 'BlenderTests.*(Blender renders|An assembly|Files beside|that is kept|blank picture from Blender)' \
        --filter 'BlenderTests.*(frame of slices|renders slices|the same picture|sudden death)'
done
SPOTRENDER_BLENDER=$all Tests/with-local-cloud.sh Tests/swift-test.sh --skip-build --filter 'uses the Blender version that saved'
