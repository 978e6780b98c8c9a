#!/bin/sh
# Stands in for Blenders that misbehave. Which way is the engine's name in the arguments
# (engine=…); the working directory is the pictures' directory.
#
# The picture it copies, if any, is the one named by camera=….
for argument in "$@"; do
    case "$argument" in
    engine=*) way=${argument#engine=} ;;
    camera=*) picture=${argument#camera=} ;;
    key=*) key=${argument#key=} ;;
    output=*) output=${argument#output=} ;;
    esac
done
# A message of our own program.
say() { printf '\nSPOTRENDER %s %s\n' "$key" "$*"; }
frame() { printf '%s%04d.png' "${output%####}" "$1"; }
save() {
    cp "$picture" "$(frame "$1")"
    echo "Saved: '$(frame "$1")'"
}
case "$way" in
NO_PICTURE) echo "Blender quit" ;;
HALF)
    head -c 300 "$picture" > "$(frame 1)"
    echo "Saved: '$(frame 1)'"
    exec sleep 600
    ;;
EMPTY) : > "$(frame 1)" ;;
HANG)
    save 1
    echo "Fra:2 Mem:9.90M (Peak 10.83M) | Time:00:00.03 | Scene, ViewLayer | Sample 3/64"
    # The child is left in the group when its parent is ended.
    sleep 600 &
    exec sleep 600
    ;;
STUBBORN)
    trap '' TERM
    save 1
    while :; do sleep 600; done
    ;;
ORPHAN)
    # Leaves a child behind that holds the pipe.
    save 1
    sleep 600 &
    ;;
SLOW_OPENING)
    sleep 1
    say "opened 3.4.1"
    save 1 && save 2 && save 3
    ;;
NO_OPENING) exec sleep 600 ;;
SILENT) cp "$picture" "$(frame 1)" && cp "$picture" "$(frame 2)" && cp "$picture" "$(frame 3)" ;;
CRASH_AFTER) save 1 && save 2 && save 3 && kill -SEGV $$ ;;
CRASH)
    save 1
    echo "Fra:2 Mem:9.90M (Peak 10.83M) | Time:00:00.03 | Scene, ViewLayer | Sample 3/64"
    echo "Something about a null pointer"
    kill -SEGV $$
    ;;
STARVED) save 1 && sleep 5 && kill -KILL $$ ;;
GARBAGE)
    head -c 200000 /dev/urandom
    echo "Saved: '/etc/passwd'"
    head -c 12000000 /dev/zero | tr '\0' 'x'
    echo
    save 1 && save 2 && save 3
    ;;
FORGED)
    # A scene that knows every message, but not the key.
    printf 'Warning: x\nSPOTRENDER samples 9223372036854775807\nSPOTRENDER rendered\n'
    printf 'SPOTRENDER refused it is forged\nSPOTRENDER %s refused it is forged\n' "${key%?}"
    printf 'Fra:9223372036854775807 | Sample 9223372036854775806/9223372036854775807\n'
    printf 'no line end'
    say opened 3.4.1
    save 1 && save 2 && save 3
    ;;
FULL) echo "Error: Render error (No space left on device) cannot save: '$(frame 1)'" ;;
DENOISER)
    say "opened 3.4.1"
    echo "Error: Build without OpenImageDenoiser"
    ;;
NO_DISPLAY)
    say "opened 3.1.0"
    echo "Unable to open a display"
    kill -ABRT $$
    ;;
LIBRARY)
    echo "blender: error while loading shared libraries: libGL.so.1: cannot open shared object file" >&2
    exit 127
    ;;
FLOOD)
    # Far more than a pipe holds; then tells that it was not held up.
    save 1
    head -c 1000000 /dev/zero | tr '\0' 'x'
    echo
    save 2 && save 3
    echo "through" > "${output%/*/*}/through"
    ;;
CROPPED)
    say "cropped"
    save 1 && save 2 && save 3
    ;;
ENVIRONMENT)
    env
    save 1 && save 2 && save 3
    ;;
SLICE)
    # Slices as it should, but for lines that nobody asked for.
    say "sliced 0 16"
    say "samples 64"
    say "samples 3"
    while read -r start count path; do
        say "sliced $((start + 1)) $count"
        cp "$picture" "$path"
        say "sliced $start $count"
    done
    sleep 600
    ;;
SLICE_FORGED)
    echo "SPOTRENDER samples 9223372036854775807"
    say samples 9223372036854775807
    say samples 16777217
    say samples 64
    while read -r start count path; do
        echo "SPOTRENDER sliced $start $count"
        say "sliced 9223372036854775807 9223372036854775807"
        cp "$picture" "$path"
        say "sliced $start $count"
    done
    sleep 600
    ;;
SLICE_SWAP)
    # Puts a link in the slice's place once the worker has taken or checked it.
    say samples 64
    while read -r start count path; do
        cp "$picture" "$path"
        say "sliced $start $count"
        waits=0
        while [ -e "$path" ] && [ $((waits += 1)) -lt 10 ]; do sleep 0.02; done
        ln -sfn /etc/passwd "$path"
    done
    sleep 600
    ;;
SLICE_DEAF)
    exec <&-
    say "samples 64"
    sleep 1
    ;;
SLICE_NOTHING | SLICE_HALF | SLICE_HANG)
    say "samples 64"
    read -r start count path
    case "$way" in
    SLICE_HALF) head -c 500 "$picture" > "$path" ;;
    SLICE_HANG) sleep 600 ;;
    esac
    say "sliced $start $count"
    sleep 600
    ;;
*) echo "unknown way: $way" && exit 2 ;;
esac
