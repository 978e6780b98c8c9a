#!/usr/bin/env bash
# Starts a local cloud, runs a command beside it, and always ends the cloud.
#
#   Tests/with-local-cloud.sh swift test --skip-build --filter EndToEndTests
#
# SPOTRENDER_TEST_CLOUD names the cloud's state folder.
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
