#!/usr/bin/env bash
# Installs the packages for building, testing and the demo on a fresh Debian machine. Takes no time
# when everything is installed.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
    # Libraries to link: HTTP, compression, archives, XML, digests.
    libcurl4-openssl-dev zlib1g-dev libzstd-dev libarchive-dev libexpat1-dev libssl-dev
    # For rendering, pictures, videos and plots.
    blender bubblewrap xvfb libegl-mesa0 libgl1-mesa-dri imagemagick ffmpeg fonts-dejavu-core gnuplot-nox
    # For tests of the dashboard.
    chromium chromium-driver
    # Python for the local cloud and the checks; process tools.
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
            echo "Packages are missing, and there is no sudo. Run as root: apt-get install ${missing[*]}. Then try again." >&2
            exit 1
        }
        as_root=(sudo)
    fi
    "${as_root[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

command -v swift >/dev/null || {
    echo "Swift 6.2 or later is missing. Install it from https://www.swift.org/install/linux and try again." >&2
    exit 1
}

# The project's own virtual environment. It is created again when the requirements change.
stamp=.venv/requirements.txt
if ! cmp -s infra/requirements.txt "$stamp"; then
    echo "Installing Python tools into .venv"
    python3 -m venv --clear .venv
    .venv/bin/pip install -q --disable-pip-version-check -r infra/requirements.txt
    cp infra/requirements.txt "$stamp"
fi
