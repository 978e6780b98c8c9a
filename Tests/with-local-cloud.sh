#!/usr/bin/env bash
# Runs a command beside a local cloud of its own, and ends the cloud whatever happens.
#
#   Tests/with-local-cloud.sh swift test --skip-build --filter EndToEndTests
#
# The command finds the cloud through SPOTRENDER_TEST_CLOUD, its state folder.
set -euo pipefail
cd "$(dirname "$0")/.."

state=$(mktemp -d "${TMPDIR:-/tmp}/spotrender-cloud.XXXXXX")
finish() {
    status=$?
    dist/spotrender local down --state "$state" || status=1
    if [ "$status" -eq 0 ]; then
        rm -rf "$state"
    else
        echo "The local cloud's logs are kept in $state." >&2
    fi
    exit "$status"
}
trap finish EXIT

dist/spotrender local up --state "$state" --fleet-max 2 --turn-around 60 --lease 30
SPOTRENDER_TEST_CLOUD=$state "$@"
