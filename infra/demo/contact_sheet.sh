#!/bin/sh
# Lays the frames of a directory out on one dark sheet, each with its number.
#
#     infra/demo/contact_sheet.sh DIR OUT.png [COLUMNS]
set -eu

if [ $# -lt 2 ] || [ $# -gt 3 ]; then
    echo "usage: contact_sheet.sh DIR OUT.png [COLUMNS]" >&2
    exit 2
fi
directory=$1
sheet=$2
if ! command -v montage >/dev/null; then
    echo "contact_sheet.sh: ImageMagick's montage is missing: apt-get install imagemagick" >&2
    exit 1
fi

set -- "$directory"/frame_*.png "${3:-}"
columns=
for argument in "$@"; do columns=$argument; done
count=$(($# - 1))
if [ ! -e "$1" ]; then
    echo "contact_sheet.sh: $directory has no frame_*.png" >&2
    exit 1
fi
# Sheets come out about as wide as high, since frames are wider than high.
if [ -z "$columns" ]; then
    columns=1
    while [ $((columns * columns * 3 / 2)) -lt "$count" ]; do columns=$((columns + 1)); done
    if [ "$count" -gt 3 ] && [ "$columns" -lt 3 ]; then columns=3; fi
fi

# Labels are drawn into the frames' margin: %t is the file's name without its extension.
# A font is named by its file, since a bare machine has no list of fonts.
font=
for candidate in \
    /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf \
    /usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf; do
    if [ -z "$font" ] && [ -e "$candidate" ]; then font=$candidate; fi
done
label='%t'
if [ -z "$font" ]; then label=''; fi

montage -background '#14161c' -fill '#9aa3b5' ${font:+-font "$font"} -pointsize 13 \
    -label "$label" "$directory"/frame_*.png \
    -tile "${columns}x" -resize 320x -geometry +8+6 -depth 8 "$sheet"
echo "$sheet: $count frames"
