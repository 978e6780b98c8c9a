#!/usr/bin/env bash
# Runs `swift test`, and repeats failures at the end, where they are easy to see.
set -euo pipefail

# With a thousand tests at once, a test's server answers later than its client waits.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=16

log=$(mktemp)
trap 'rm -f "$log"' EXIT
swift test "$@" 2>&1 | tee "$log" && exit
echo "Failures:"
grep -E '^(✘|.*error:)' "$log" || tail -20 "$log"
exit 1
