#!/usr/bin/env bash
# Shows the whole farm on this machine: uploads a scene, interrupts workers while they render, by
# each method of notice, and downloads every frame. `make demo` builds the programs first.
#
#   SCENE=path.blend  your own scene; default: this script makes one
#   FRAMES=1-24       the frames; default: the scene's frames
#   OUT=demo-output   the folder for the results
#   KEEP=1            keeps the local cloud running
set -euo pipefail
cd "$(dirname "$0")/../.."

scene=${SCENE:-}
out=${OUT:-demo-output}
state=${STATE:-.spotrender/demo}
spotrender=dist/spotrender

dashboard=
finish() {
    status=$?
    if [ "${KEEP:-}" = 1 ]; then
        echo "The local cloud keeps running (KEEP=1). To end it: kill $dashboard; $spotrender local down --state $state"
    else
        [ -z "$dashboard" ] || kill "$dashboard" || true
        "$spotrender" local down --state "$state" || status=$?
    fi
    if [ "$status" -ne 0 ]; then
        echo "The demo failed. All logs are in $state." >&2
    fi
    exit "$status"
}

if [ -n "$scene" ] && [ ! -f "$scene" ]; then
    echo "The file $scene does not exist. Set SCENE to a .blend file, or unset SCENE for the demo's scene." >&2
    exit 2
fi
mkdir -p "$out"
# Frames of an earlier run would get mixed with the new ones.
rm -rf "$out/frames"
if [ -z "$scene" ]; then
    scene=$out/marbles.blend
    rm -f "$scene"
    echo "Making a scene with Blender …"
    blender -b --factory-startup --python infra/demo/make_scene.py -- "$scene" >"$out/make_scene.log" 2>&1 || true
    # Blender exits with 0 even if the script failed.
    [ -s "$scene" ] || {
        tail -n 20 "$out/make_scene.log" >&2
        echo "Blender did not make the demo's scene." >&2
        exit 1
    }
fi

trap finish EXIT
"$spotrender" local up --state "$state" --fleet-max 2 --turn-around 60 --lease 30

"$spotrender" dashboard --port 0 --stack "$state/env.sh" >"$out/dashboard.log" 2>&1 &
dashboard=$!
for _ in $(seq 100); do
    address=$(sed -n 's/^The dashboard is at //p' "$out/dashboard.log")
    [ -z "$address" ] || break
    sleep 0.1
done
[ -n "$address" ] || {
    cat "$out/dashboard.log" >&2
    exit 1
}
echo "Watch the farm in a browser: $address"

frames=()
[ -z "${FRAMES:-}" ] || frames=(--frames "$FRAMES")
"$spotrender" local run "$scene" "${frames[@]}" --state "$state" --out "$out/frames" \
    --interrupt imds --interrupt eventbridge --interrupt both --interrupt kill | tee "$out/run.log"
job=$(sed -n 's/^Submitted .* as job \([^ ]*\) .*/\1/p' "$out/run.log")
"$spotrender" report "$job" --stack "$state/env.sh" --html "$out/report.html"

echo "Frames, contact sheet and, for consecutive frames, a video: $out/frames/"
if [ ! -s "$out/report.html" ] || ! curl --silent --fail --max-time 10 "$address" >/dev/null; then
    echo "The report $out/report.html is empty, or the dashboard at $address does not answer." >&2
    exit 1
fi
echo "Report: $out/report.html"
if [ "${KEEP:-}" = 1 ]; then
    echo "Dashboard: $address#$job"
else
    echo "To see the dashboard again: $spotrender local up --state $state; $spotrender dashboard $job --stack $state/env.sh"
fi
