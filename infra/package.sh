#!/usr/bin/env bash
# Builds each program as one static file and packs it into dist/: a zip with `bootstrap` for each
# Lambda, the worker alone and as a tarball with its boot script, and the command line. NOTICES.txt
# has the license texts of everything that the programs contain. Equal sources give equal bytes.
#
#     infra/package.sh [--debug] [PRODUCT ...]      all products by default
#
# With --debug it packs what `swift build` makes. This takes seconds, to try a change in the local
# cloud.
set -euo pipefail
cd "$(dirname "$0")/.."

isDebug=false
if [ "${1:-}" = --debug ]; then
    isDebug=true
    shift
fi

lambdas=(job-splitter spot-interruption-handler fleet-scaler)
programs=(render-worker spotrender)
products=("$@")
[ "${#products[@]}" -gt 0 ] || products=("${lambdas[@]}" "${programs[@]}")

scratch=.build/static
log=$scratch/package.log
mkdir -p "$scratch" dist
# dist/ then no longer has the release programs: `make package` must build again.
! $isDebug || rm -f dist/.packaged

# A scratch folder of its own, because only static builds contain the stubs of CCurlStubs.
build() {
    if $isDebug; then
        swift build "$@"
        return
    fi
    SPOTRENDER_STATIC=1 swift build -c release --scratch-path "$scratch" \
        -Xswiftc -static-executable "$@"
}

size() { stat -c %s "$1" | numfmt --to=iec --format=%.1f; }

# One build for all products keeps every core busy: module after module and link after link do not.
if [ $# -eq 0 ]; then
    wanted=("")
else
    wanted=("${products[@]/#/--product=}")
fi
for product in "${wanted[@]}"; do
    if ! build ${product:+"$product"} >"$log" 2>&1; then
        grep -E "error" "$log" || tail -n 40 "$log"
        echo "The build failed. Its output is in $log." >&2
        exit 1
    fi
done
built=$(build --show-bin-path)
for product in "${products[@]}"; do
    stripped=$scratch/$product.stripped
    # Both sections contain a hash of the folder's path, which differs between two folders.
    strip --remove-section=.swift_modhash --remove-section=.note.gnu.build-id \
        -o "$stripped" "$built/$product"
    if [[ " ${lambdas[*]} " == *" $product "* ]]; then
        infra/pack.py function "$stripped" "dist/$product.zip.new"
        mv "dist/$product.zip.new" "dist/$product.zip"
        echo "dist/$product.zip  $(size "dist/$product.zip"), unpacked $(size "$stripped")"
    else
        install -m 755 "$stripped" "dist/$product"
        echo "dist/$product  $(size "dist/$product")"
    fi
    if [ "$product" = render-worker ]; then
        infra/pack.py worker "$stripped" infra/worker-boot.sh dist/render-worker.tar.gz.new
        mv dist/render-worker.tar.gz.new dist/render-worker.tar.gz
        echo "dist/render-worker.tar.gz  $(size dist/render-worker.tar.gz)"
    fi
done

checkouts=$scratch/checkouts
! $isDebug || checkouts=.build/checkouts
infra/notices.py "$checkouts" dist/NOTICES.txt
echo "dist/NOTICES.txt"
