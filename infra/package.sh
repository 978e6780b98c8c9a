#!/usr/bin/env bash
# Builds what runs on AWS as one static file each, and packs it into dist/: a zip with `bootstrap` for
# each Lambda, the worker and the command line as they are. The same sources give the same bytes.
#
#     infra/package.sh [PRODUCT ...]      all of them by default
set -euo pipefail
cd "$(dirname "$0")/.."

lambdas=(job-splitter spot-interruption-handler fleet-scaler)
programs=(render-worker spotrender)
products=("$@")
[ "${#products[@]}" -gt 0 ] || products=("${lambdas[@]}" "${programs[@]}")

scratch=.build/static
log=$scratch/package.log
mkdir -p "$scratch" dist

# Static libraries beside the dynamic ones: the stubs in CCurlStubs belong to these builds only.
build() {
    SPOTRENDER_STATIC=1 swift build -c release --scratch-path "$scratch" \
        -Xswiftc -static-executable "$@"
}

# byte for byte: a fixed time, a fixed mode, one member.
pack() {
    python3 - "$1" "$2" <<'PYTHON'
import sys, zipfile
program, archive = sys.argv[1:]
member = zipfile.ZipInfo("bootstrap", (1980, 1, 1, 0, 0, 0))
member.external_attr = 0o100755 << 16
member.create_system = 3
member.compress_type = zipfile.ZIP_DEFLATED
with zipfile.ZipFile(archive, "w") as out, open(program, "rb") as source:
    out.writestr(member, source.read(), compresslevel=9)
PYTHON
}

size() { stat -c %s "$1" | numfmt --to=iec --format=%.1f; }

for product in "${products[@]}"; do
    if ! build --product "$product" >"$log" 2>&1; then
        grep -E "error" "$log" || tail -n 40 "$log"
        echo "Building $product failed: the whole output is in $log" >&2
        exit 1
    fi
    stripped=$scratch/$product.stripped
    strip -o "$stripped" "$(build --show-bin-path)/$product"
    if [[ " ${lambdas[*]} " == *" $product "* ]]; then
        pack "$stripped" "dist/$product.zip.new"
        mv "dist/$product.zip.new" "dist/$product.zip"
        echo "dist/$product.zip  $(size "dist/$product.zip"), unpacked $(size "$stripped")"
    else
        install -m 755 "$stripped" "dist/$product"
        echo "dist/$product  $(size "dist/$product")"
    fi
done
