#!/usr/bin/env bash
# Renders one scene with 3 and with 10 instances, Spot and On-Demand, and makes one report of all
# runs. `make study` builds the programs first. The instances are processes that share this
# machine's cores. The times show how the farm behaves, not how fast ten machines are.
#
#   SIZES="3 10"      numbers of instances; each gets one Spot and one On-Demand run
#   SCENE=path.blend  your own scene; default: this script makes a small one
#   FRAMES=1-24       the frames; default: the scene's frames
#   OUT=demo-output   the folder for the report
set -euo pipefail
cd "$(dirname "$0")/../.."

out=${OUT:-demo-output}
state=${STATE:-.spotrender/study}
scene=${SCENE:-}
spotrender=dist/spotrender
mkdir -p "$out"

if [ -z "$scene" ]; then
    scene=$out/study.blend
    rm -f "$scene"
    blender -b --factory-startup --python infra/demo/make_scene.py -- "$scene" --tiny --frames 1-30 --samples 400 \
        >"$out/make_scene.log" 2>&1 || true
    [ -s "$scene" ] || {
        tail -n 20 "$out/make_scene.log" >&2
        exit 1
    }
fi
finish() {
    status=$?
    "$spotrender" local down --state "$state" || status=1
    [ "$status" -eq 0 ] || echo "The study failed. All logs are in $state." >&2
    exit "$status"
}
trap finish EXIT

frames=()
[ -z "${FRAMES:-}" ] || frames=(--frames "$FRAMES")
jobs=()
for size in ${SIZES:-3 10}; do
    for fleet in "--fleet-max $size" "--fleet-max 0 --on-demand $size"; do
        # shellcheck disable=SC2086  # $fleet has two or four words
        "$spotrender" local up --state "$state" $fleet --turn-around 60 --lease 30 --idle-grace 0
        # No canary frames: the study measures the fleet at work, not its start.
        "$spotrender" local run "$scene" "${frames[@]}" --no-canary --chunk 1 --state "$state" --out "$out/study-frames" | tee "$out/run.log"
        jobs+=("$(sed -n 's/^Submitted .* as job \([^ ]*\) .*/\1/p' "$out/run.log")")
        echo "Waiting until no instance is left …"
        while [ -n "$("$spotrender" local instances --state "$state")" ]; do sleep 2; done
    done
done
"$spotrender" report "${jobs[@]}" --stack "$state/env.sh" --html "$out/study.html"
