#!/usr/bin/env bash
# Fuzzes a reader of untrusted bytes with libFuzzer. The corpus that the tests replay is the start.
#
#     Tests/fuzz/fuzz.sh [MINUTES] [READER]   10 minutes by default; READER is blend (the reader of
#                                             .blend files, the default), pictures (the checks of
#                                             pictures) or output (the reader of Blender's output)
#     MERGE=1 Tests/fuzz/fuzz.sh …            also replaces the corpus by a minimal one
#
# Failing inputs are kept in .build/fuzz. An input may take at most 5 s and 512 MB. The module is
# compiled together with its tests' files. The readers of module Blender need `swift build` before.
set -euo pipefail
cd "$(dirname "$0")/../.."

minutes=${1:-10}
reader=${2:-blend}
work=.build/fuzz/$reader
found=$work/found
rm -rf "$work"
mkdir -p "$found" "$work/seeds"

common=(-O -swift-version 6 -suppress-warnings
    -enable-upcoming-feature InternalImportsByDefault
    -enable-upcoming-feature NonisolatedNonsendingByDefault -I Sources/CZlib)
case "$reader" in
blend)
    corpus=Tests/BlendFileTests/Fixtures/corpus
    swiftc -sanitize=fuzzer -parse-as-library "${common[@]}" -module-name BlendFile -package-name spotrender \
        -I Sources/CZstd Sources/BlendFile/*.swift \
        Tests/BlendFileTests/{Fuzzed,FuzzSeeds,MadeFile,Packed,Sources,SplitMix64}.swift \
        Tests/fuzz/BlendFile.swift -o "$work/fuzz"
    ;;
pictures | output)
    corpus=Tests/BlenderTests/Fixtures/corpus-$reader
    if [ "$reader" = pictures ]; then
        cp Tests/BlenderTests/Fixtures/{frame.png,parts.exr,slice.exr} "$work/seeds"
    fi
    # The objects that SwiftPM links. A removed file's object stays in its folder.
    mapfile -t objects < <(grep -E '/(Farm|SystemPackage|CSystem)\.build/' \
        .build/debug/spotrender.product/Objects.LinkFileList | tr -d "'")
    swiftc -sanitize=fuzzer -parse-as-library "${common[@]}" -module-name Blender \
        -package-name "$(basename "$PWD")" -I .build/debug/Modules \
        -I .build/checkouts/swift-system/Sources/CSystem/include \
        Sources/Blender/Pictures/*.swift Sources/Blender/Slices/FloatEXR.swift \
        Sources/Blender/Assembly/AssemblyNote.swift \
        Sources/Blender/Output/{LineSplitter,MessageKey,OutputLine}.swift \
        Tests/BlenderTests/{FuzzedPicture,MadePicture}.swift Tests/fuzz/Blender.swift \
        "${objects[@]}" \
        -lz -o "$work/fuzz"
    export SPOTRENDER_FUZZ_TARGET=$reader
    ;;
*)
    echo "Unknown reader: $reader" >&2
    exit 2
    ;;
esac
mkdir -p "$corpus"

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
