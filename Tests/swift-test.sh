#!/usr/bin/env bash
# `swift test`, which says at its end again what failed: among thousands of lines nobody sees it.
set -euo pipefail

# All at once, a thousand tests keep a server in one of them waiting for longer than its client does.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=16

log=$(mktemp)
trap 'rm -f "$log"' EXIT
swift test "$@" 2>&1 | tee "$log" && exit
echo "What failed, of all the above:"
grep -E '^(✘|.*error:)' "$log" || tail -20 "$log"
exit 1
