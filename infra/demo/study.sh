#!/usr/bin/env bash
# Renders one scene on 3 and on 10 instances, Spot and On-Demand, and writes one report of all
# runs. `make study` builds the programs first. Instances are processes of this machine and share
# its cores. The times show how the farm behaves, not how fast ten machines are.
#
#   SIZES="3 10"      numbers of instances; each runs once on Spot and once On-Demand
#   SCENE=path.blend  your own scene; default: a tiny scene that is made here
#   FRAMES=1-24       which frames; default: the scene's own
#   OUT=demo-output   where the report goes
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
    [ "$status" -eq 0 ] || echo "The study did not finish. Logs of every part are in $state." >&2
    exit "$status"
}
trap finish EXIT

frames=()
[ -z "${FRAMES:-}" ] || frames=(--frames "$FRAMES")
jobs=()
for size in ${SIZES:-3 10}; do
    for fleet in "--fleet-max $size" "--fleet-max 0 --on-demand $size"; do
        # shellcheck disable=SC2086  # two words or four
        "$spotrender" local up --state "$state" $fleet --turn-around 60 --lease 30 --idle-grace 0
        # Without a canary: what is measured is the fleet at work, not how it begins.
        "$spotrender" local run "$scene" "${frames[@]}" --no-canary --chunk 1 --state "$state" --out "$out/study-frames" | tee "$out/run.log"
        jobs+=("$(sed -n 's/^Uploaded .* as job //p' "$out/run.log")")
        echo "Waiting for the fleet to be at zero again …"
        while [ -n "$("$spotrender" local instances --state "$state")" ]; do sleep 2; done
    done
done
"$spotrender" report "${jobs[@]}" --stack "$state/env.sh" --html "$out/study.html"
