#!/usr/bin/env bash
# Installs what building, testing and the demo need on a fresh Debian machine; quick when all is there.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
    # What we link: HTTP, compression, archives, XML, digests.
    libcurl4-openssl-dev zlib1g-dev libzstd-dev libarchive-dev libexpat1-dev libssl-dev
    # What renders, and what shows it.
    blender bubblewrap xvfb libegl-mesa0 libgl1-mesa-dri imagemagick ffmpeg fonts-dejavu-core gnuplot-nox
    # What looks at the dashboard.
    chromium chromium-driver
    # The local cloud's and the checks' Python; process tools.
    python3 python3-venv procps util-linux curl ca-certificates shellcheck openssl binutils systemd xz-utils
)

missing=()
for package in "${packages[@]}"; do
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    [ "$status" = "install ok installed" ] || missing+=("$package")
done
if [ "${#missing[@]}" -gt 0 ]; then
    echo "Installing: ${missing[*]}"
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || {
            echo "Not root, and no sudo: run  apt-get install ${missing[*]}  as root, then again." >&2
            exit 1
        }
        as_root=(sudo)
    fi
    "${as_root[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

command -v swift >/dev/null || {
    echo "Swift 6.2 or later is needed: https://www.swift.org/install/linux, then again." >&2
    exit 1
}

# A virtual environment of the project's own; made again when its requirements change.
stamp=.venv/requirements.txt
if ! cmp -s infra/requirements.txt "$stamp"; then
    echo "Installing Python tools into .venv"
    python3 -m venv --clear .venv
    .venv/bin/pip install -q --disable-pip-version-check -r infra/requirements.txt
    cp infra/requirements.txt "$stamp"
fi
