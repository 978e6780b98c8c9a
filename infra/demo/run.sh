#!/usr/bin/env bash
# Runs the whole farm on this machine: uploads a scene, interrupts workers in the middle of a frame
# with each kind of notice and with none, and fetches every frame. `make demo` builds the programs.
#
#   SCENE=path.blend  your own scene; default: a scene that is made here
#   FRAMES=1-24       which frames; default: the scene's own
#   OUT=demo-output   where the frames go
#   KEEP=1            leave the local cloud running
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
        echo "The local cloud is still up (KEEP=1). End it with: kill $dashboard; $spotrender local down --state $state"
    else
        [ -z "$dashboard" ] || kill "$dashboard" || true
        "$spotrender" local down --state "$state" || status=$?
    fi
    if [ "$status" -ne 0 ]; then
        echo "The demo did not finish. Logs of every part are in $state." >&2
    fi
    exit "$status"
}

if [ -n "$scene" ] && [ ! -f "$scene" ]; then
    echo "There is no file $scene: set SCENE to a .blend, or leave it out for the demo's own." >&2
    exit 2
fi
mkdir -p "$out"
# Frames of an earlier, longer run would appear in this run's pictures.
rm -rf "$out/frames"
if [ -z "$scene" ]; then
    scene=$out/marbles.blend
    rm -f "$scene"
    echo "Making a scene with Blender …"
    blender -b --factory-startup --python infra/demo/make_scene.py -- "$scene" >"$out/make_scene.log" 2>&1 || true
    # Blender's exit status does not show that a script failed.
    [ -s "$scene" ] || {
        tail -n 20 "$out/make_scene.log" >&2
        echo "Blender could not make the demo's scene." >&2
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
echo "Watch it in a browser: $address"

frames=()
[ -z "${FRAMES:-}" ] || frames=(--frames "$FRAMES")
"$spotrender" local run "$scene" "${frames[@]}" --state "$state" --out "$out/frames" \
    --interrupt imds --interrupt eventbridge --interrupt both --interrupt kill | tee "$out/run.log"
job=$(sed -n 's/^Uploaded .* as job //p' "$out/run.log")
"$spotrender" report "$job" --stack "$state/env.sh" --html "$out/report.html"

echo "Pictures, with a contact sheet, and a video where frames are consecutive: $out/frames/"
if [ ! -s "$out/report.html" ] || ! curl --silent --fail --max-time 10 "$address" >/dev/null; then
    echo "The report $out/report.html or the dashboard at $address is not what it should be." >&2
    exit 1
fi
echo "Report: $out/report.html"
if [ "${KEEP:-}" = 1 ]; then
    echo "Dashboard: $address#$job"
else
    echo "Dashboard: it was at $address. Again: $spotrender local up --state $state; $spotrender dashboard $job --stack $state/env.sh"
fi
