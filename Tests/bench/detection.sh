#!/usr/bin/env bash
# Measures how long a task waits after its instance ended, for each kind of notice. The local cloud
# makes many interruptions. Everything is real but Blender: a stand-in waits and copies a picture.
#
#   Tests/bench/detection.sh [ROUNDS]      interruptions by each method; default 30, some minutes
#   Tests/bench/detection.sh ROUNDS kill   no notice, at the pace of AWS: a lease of 120 s, a repair
#                                          each minute; six rounds take four minutes
#
# Needs `make package`. The figures depend on this machine and its load.
set -euo pipefail
cd "$(dirname "$0")/../.."

rounds=${1:-30}
methods=(imds eventbridge both kill)
cadence=(--lease 30)
frames=$((rounds * 50))
if [ "${2:-}" = kill ]; then
    methods=(kill)
    cadence=(--lease 120 --schedule 60)
    frames=$((rounds * 600))
fi
state=$(mktemp -d "${TMPDIR:-/tmp}/spotrender-detection.XXXXXX")
finish() {
    status=$?
    dist/spotrender local down --state "$state" >/dev/null || status=1
    if [ "$status" -eq 0 ]; then
        rm -rf "$state"
    else
        echo "The local cloud's logs are kept in $state." >&2
    fi
    exit "$status"
}
trap finish EXIT

# Twelve workers, so that up to six may end at a time.
SPOTRENDER_SANDBOX=off SPOTRENDER_BLENDER=$PWD/Tests/chaos/fake-blender.py \
    dist/spotrender local up --state "$state" --fleet-max 12 --turn-around 60 "${cadence[@]}" \
    >/dev/null
dist/spotrender local run Tests/BlenderTests/Fixtures/tiny.blend \
    --state "$state" --out "$state/frames" --frames "1-$frames" --chunk 5 --no-canary --no-assembly \
    "${methods[@]/#/--interrupt=}" \
    --interrupt-rounds "$rounds" --interrupt-after 5 >"$state/run.log" || {
    tail -n 20 "$state/run.log"
    exit 1
}
grep -A 99 "notice by" "$state/run.log"
if grep "ended before the plan" "$state/run.log"; then
    echo "The job ended before all interruptions: give it more frames." >&2
    exit 1
fi
