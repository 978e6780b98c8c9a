#!/usr/bin/env bash
# Packs a release: the programs, the templates and what deploys them, the documentation and the
# license texts. Writes dist/spotrender-VERSION-linux-MACHINE.tar.gz and dist/SHA256SUMS. Equal
# files give an equal archive. `make release` builds the programs first.
set -euo pipefail
cd "$(dirname "$0")/.."

version=$(sed -n 's/^let version = "\([0-9.]*\)"$/\1/p' Sources/spotrender/Version.swift)
[ -n "$version" ] || {
    echo "release: Sources/spotrender/Version.swift names no version." >&2
    exit 1
}
machine=$(uname -m)
name=spotrender-$version-linux-$machine
said=$(dist/spotrender --version)
[ "$said" = "$version" ] || {
    echo "release: dist/spotrender has version $said instead of $version. Run \`make package\`." >&2
    exit 1
}

files=(
    LICENSE README.md THIRD-PARTY.md CHANGELOG.md CONTRIBUTING.md SECURITY.md
    dist/NOTICES.txt dist/spotrender dist/render-worker.tar.gz
    dist/job-splitter.zip dist/spot-interruption-handler.zip dist/fleet-scaler.zip
    infra/deploy.py infra/undeploy.py infra/stacks.py infra/requirements-deploy.txt
    infra/*.yaml infra/local/SOURCES.md infra/demo/*.jpg
)
while IFS= read -r file; do files+=("$file"); done < <(find docs Sources/Farm/Farm.docc -type f | sort)

infra/pack.py release "$name" "dist/$name.tar.gz.new" "${files[@]}"
mv "dist/$name.tar.gz.new" "dist/$name.tar.gz"
(cd dist && sha256sum "$name.tar.gz" >SHA256SUMS)
echo "dist/$name.tar.gz  $(stat -c %s "dist/$name.tar.gz" | numfmt --to=iec --format=%.1f)"
echo "dist/SHA256SUMS"
