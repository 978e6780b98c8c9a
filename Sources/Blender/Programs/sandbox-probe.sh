#!/bin/sh
# Runs in the sandbox and prints each thing that it reaches and must not reach. At the end it prints
# "looked".
#
#   sandbox-probe.sh FOLDER    FOLDER: a folder of another attempt
[ "$(grep -c : /proc/net/dev)" -le 1 ] || echo "has a network"
# Only bash opens sockets.
timeout 2 bash -c ': </dev/tcp/169.254.169.254/80' 2>/dev/null \
    && echo "reaches the instance's metadata"
for process in /proc/[0-9]*; do
    text=$(tr '\0' '\n' <"$process/environ") 2>/dev/null
    # SPOTRENDER_TRIAL is in the environment of everything that belongs to this trial.
    case "$text" in '' | *SPOTRENDER_TRIAL*) ;; *) leak=1 ;; esac
done
[ -z "$leak" ] || echo "reads other processes' environment"
[ -e "$1" ] && echo "sees other attempts"
touch here || echo "can't write to its own directory"
echo looked
