#!/usr/bin/env bash
# How soon work is picked up after a machine went, by the way of telling: many interruptions in the
# local cloud, all its parts being real but Blender, for which a stand-in waits and copies a picture.
#
#   Tests/bench/detection.sh [ROUNDS]      interruptions by each method; default 30, some minutes
#   Tests/bench/detection.sh ROUNDS kill   without a word, with AWS's cadence: a lease of 120 s, a
#                                          repair each minute; six rounds take four minutes
#
# Wants `make package`. The table's figures are this machine's, at this hour.
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

# Twelve workers, so that up to six may go at a time; work for longer than that takes.
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
grep -A 99 "told by" "$state/run.log"
if grep "It ended before" "$state/run.log"; then
    echo "There was too little work for so many interruptions." >&2
    exit 1
fi
