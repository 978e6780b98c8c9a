#!/bin/sh
# Makes a video of the frames of a directory: H.264, plays in every browser.
#
#     infra/demo/video.sh DIR OUT.mp4 [FRAMES_PER_SECOND]
set -eu

if [ $# -lt 2 ] || [ $# -gt 3 ]; then
    echo "usage: video.sh DIR OUT.mp4 [FRAMES_PER_SECOND]" >&2
    exit 2
fi
if ! command -v ffmpeg >/dev/null; then
    echo "video.sh: ffmpeg is missing: apt-get install ffmpeg" >&2
    exit 1
fi
set -- "$1" "$2" "${3:-24}" "$1"/frame_*.png
if [ ! -e "$4" ]; then
    echo "video.sh: $1 has no frame_*.png" >&2
    exit 1
fi

# By pattern, since frames may not be numbered one by one. H.264 in yuv420p needs even sides.
ffmpeg -nostdin -loglevel error -y -framerate "$3" -pattern_type glob -i "$1/frame_*.png" \
    -vf 'pad=ceil(iw/2)*2:ceil(ih/2)*2' -c:v libx264 -preset slow -crf 16 -pix_fmt yuv420p \
    -movflags +faststart "$2"
echo "$2: $(($# - 3)) frames at $3 a second"
