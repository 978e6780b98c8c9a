#!/usr/bin/env bash
# `swift test`, which says at its end again what failed: among thousands of lines nobody sees it.
set -euo pipefail

log=$(mktemp)
trap 'rm -f "$log"' EXIT
swift test "$@" 2>&1 | tee "$log" && exit
echo "What failed, of all the above:"
grep -E '^(✘|.*error:)' "$log" || tail -20 "$log"
exit 1
