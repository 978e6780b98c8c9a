#!/bin/sh
# Runs a command with a display of its own, and without one where Xvfb can't be started.
#
#   virtual-display.sh COMMAND...
number='' pipe=$TMPDIR/display
mkfifo "$pipe"
# Xvfb takes the first free number and writes it to descriptor 3 once it listens.
Xvfb -displayfd 3 -screen 0 64x64x24 -nolisten tcp 3>"$pipe" >/dev/null 2>&1 </dev/null &
if read -r number <"$pipe"; then
    export DISPLAY=":$number"
else
    echo "Xvfb can't be started"
fi
rm "$pipe"
exec "$@"
