#!/bin/bash
# Runs a command beside emulated AWS APIs that check signatures:
#
#     Tests/with-ministack.sh swift test
#
# MiniStack comes from the virtual environment SPOTRENDER_VENV (default .venv). It gets a free port
# and a folder of its own, and always ends with the command. The exit code is the command's.
set -euo pipefail

venv=${SPOTRENDER_VENV:-.venv}
if [ $# -eq 0 ]; then
    echo "usage: Tests/with-ministack.sh COMMAND [ARGUMENT…]" >&2
    exit 2
fi
if [ ! -x "$venv/bin/ministack" ]; then
    echo "There is no $venv/bin/ministack: run 'make setup', or set SPOTRENDER_VENV." >&2
    exit 1
fi

state=$(mktemp -d)
server=
# shellcheck disable=SC2317  # the trap calls it
stop() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$state"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

port=$("$venv/bin/python3" -c '
import socket
with socket.socket() as listener:
    listener.bind(("127.0.0.1", 0))
    print(listener.getsockname()[1])')
endpoint=http://127.0.0.1:$port

# A clean environment keeps the caller's AWS settings out. "test" is MiniStack's root key.
env -i PATH="$PATH" HOME="$state" TMPDIR="$state" LANG=C.UTF-8 \
    BIND_HOST=127.0.0.1 GATEWAY_PORT="$port" AUTH=true MINISTACK_REGION=us-east-1 \
    LAMBDA_EXECUTOR=local IOT_MTLS_ENABLED=0 SFTP_ENABLED=0 LOG_LEVEL=WARNING \
    "$venv/bin/ministack" >"$state/log" 2>&1 &
server=$!

for attempt in $(seq 100); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
    if ! kill -0 "$server" 2>/dev/null || [ "$attempt" -eq 100 ]; then
        echo "MiniStack did not start:" >&2
        tail -20 "$state/log" >&2
        exit 1
    fi
    sleep 0.1
done

status=0
env -u AWS_PROFILE -u AWS_SESSION_TOKEN \
    SPOTRENDER_TEST_ENDPOINT="$endpoint" AWS_ENDPOINT_URL="$endpoint" AWS_REGION=us-east-1 \
    AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test "$@" || status=$?
exit "$status"
