#!/usr/bin/env bash
# Fuzzes the reader of .blend files with libFuzzer. The corpus that the tests replay is the start.
#
#     Tests/fuzz/fuzz.sh [MINUTES]            10 by default; failing inputs are kept in .build/fuzz
#     MERGE=1 Tests/fuzz/fuzz.sh [MINUTES]    also replaces the corpus by a minimal one
#
# An input may take at most 5 s and 512 MB. The module is compiled together with its tests' files.
set -euo pipefail
cd "$(dirname "$0")/../.."

minutes=${1:-10}
corpus=Tests/BlendFileTests/Fixtures/corpus
work=.build/fuzz
found=$work/found
rm -rf "$work"
mkdir -p "$found" "$work/seeds" "$corpus"

swiftc -sanitize=fuzzer -parse-as-library -O -module-name BlendFile -package-name spotrender \
    -swift-version 6 -enable-upcoming-feature InternalImportsByDefault -enable-upcoming-feature NonisolatedNonsendingByDefault -suppress-warnings \
    -I Sources/CZlib -I Sources/CZstd Sources/BlendFile/*.swift \
    Tests/BlendFileTests/{Fuzzed,FuzzSeeds,MadeFile,Packed,Sources,SplitMix64}.swift \
    Tests/fuzz/BlendFile.swift -o "$work/fuzz"

bounds=(-timeout=5 -rss_limit_mb=512 -max_len=8192)
SPOTRENDER_FUZZ_SEEDS=$work/seeds "$work/fuzz" "${bounds[@]}" -max_total_time=$((minutes * 60)) \
    -artifact_prefix="$work/" -print_final_stats=1 -use_value_profile=1 -reload=0 \
    "$found" "$corpus" "$work/seeds" 2>&1 | tee "$work/log" | grep -E "^(INFO|stat|#[0-9]+.*pulse|==)|ERROR|Fatal" || true
if ! grep -q "stat::" "$work/log" || compgen -G "$work/*-[0-9a-f]*" >/dev/null; then
    echo "The reader failed, or the fuzzer did not run. See $work." >&2
    exit 1
fi
if [ "${MERGE:-}" = 1 ]; then
    rm -rf "$work/merged"
    mkdir "$work/merged"
    # By branches alone, not by how often each ran: a tenth of the files.
    "$work/fuzz" "${bounds[@]}" -set_cover_merge=1 -use_counters=0 "$work/merged" "$work/seeds" "$corpus" "$found" >"$work/merge.log" 2>&1
    rm -rf "$corpus"
    mv "$work/merged" "$corpus"
fi
du -sh --apparent-size "$corpus"
