#!/usr/bin/env python3
"""What a shell and its signals do to the command line, on the local cloud.

    Tests/with-local-cloud.sh .venv/bin/python Tests/commands/check.py

Holds: Ctrl-C leaves a watched job running and says so; an upload that was killed in its middle goes
on with the parts that were not there yet; bash completes commands and options.
"""

import http.client
import http.server
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent.parent
STATE = os.environ["SPOTRENDER_TEST_CLOUD"]
FARM = ["--stack", f"{STATE}/env.sh"]
SECONDS_MAX = 120
PART_BYTES = 16 << 20  # MultipartPlan's
variables = subprocess.run(
    ["bash", "-c", '. "$0" && env', f"{STATE}/env.sh"], check=True, capture_output=True, text=True
).stdout
os.environ.update(
    line.split("=", 1)
    for line in variables.splitlines()
    if line.startswith(("AWS_", "SPOTRENDER_"))
)
sys.path.insert(0, str(ROOT / "infra"))

from test_deploy import client  # noqa: E402


def start(*arguments, **options):
    # A shell starts what runs in the background with SIGINT ignored; a person's shell does not.
    return subprocess.Popen(
        ["dist/spotrender", *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        **options,
    )


def spotrender(*arguments):
    process = start(*arguments)
    output, errors = process.communicate(timeout=SECONDS_MAX)
    assert process.returncode == 0, f"{arguments}: {process.returncode}\n{output}\n{errors}"
    return output


def until(words, look):
    end = time.monotonic() + SECONDS_MAX
    while not (found := look()):
        assert time.monotonic() < end, f"after {SECONDS_MAX} s it is not so: {words}"
        time.sleep(0.1)
    return found


def scene(folder, name, *options, before_saving=""):
    path = f"{folder}/{name}.blend"
    subprocess.run(
        [
            "blender",
            "-b",
            "--factory-startup",
            "--python",
            "infra/demo/make_scene.py",
            "--",
            path,
            "--tiny",
            *options,
        ],
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    if before_saving:
        subprocess.run(
            [
                "blender",
                "-b",
                path,
                "--python-expr",
                f"import bpy; {before_saving}; "
                f"bpy.ops.wm.save_as_mainfile(filepath={path!r}, compress=False)",
            ],
            cwd=ROOT,
            check=True,
            stdout=subprocess.DEVNULL,
        )
    return path


# --- Ctrl-C
# -------------------------------------------------------------------------------------------


def check_interrupt(folder):
    path = scene(folder, "watched", "--frames", "1-4", "--samples", "500")
    job = json.loads(spotrender("submit", path, "--json", *FARM))["job"]
    watch = start("watch", job, *FARM)
    first = watch.stdout.readline()
    watch.send_signal(signal.SIGINT)
    output, errors = watch.communicate(timeout=20)
    assert watch.returncode == 130, (watch.returncode, first, output, errors)
    for words in (f"{job} goes on", f"spotrender watch {job}", f"spotrender cancel {job}"):
        assert words in errors, (words, errors)
    assert "is done" in spotrender("watch", job, *FARM)
    print("Ctrl-C left the job running; it came to its end.")


# --- An upload that breaks off
# ------------------------------------------------------------------------


class Proxy(http.server.BaseHTTPRequestHandler):
    """Hands all on to the local cloud, and counts the parts that it answered for."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        number = re.search(r"[?&]partNumber=(\d+)", self.path)
        if number and self.command == "PUT":
            self.server.sent.append(int(number[1]))
        cloud = http.client.HTTPConnection(*self.server.cloud, timeout=60)
        # As it came, Host too: it is signed.
        cloud.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            cloud.putheader(name, value)
        cloud.endheaders(body)
        response = cloud.getresponse()
        content = response.read()
        self.send_response_only(response.status)
        for name, value in response.getheaders():
            if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                self.send_header(name, value)
        self.send_header(
            "Content-Length",
            response.getheader("Content-Length", "0")
            if self.command == "HEAD"
            else str(len(content)),
        )
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
        cloud.close()

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = answer


class ProxyServer(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        """Of a connection whose other end was killed there is nothing to say."""


def serve():
    cloud = urlsplit(os.environ["AWS_ENDPOINT_URL"])
    server = ProxyServer(("127.0.0.1", 0), Proxy)
    server.daemon_threads = True
    server.cloud, server.sent = (cloud.hostname, cloud.port), []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def parts_there(bucket):
    """Their numbers, of the one upload that is under way."""
    s3 = client("s3")
    uploads = s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
    if not uploads:
        return set()
    parts = s3.list_parts(Bucket=bucket, Key=uploads[0]["Key"], UploadId=uploads[0]["UploadId"])
    return {part["PartNumber"] for part in parts.get("Parts", [])}


def check_broken_upload(folder):
    path = scene(
        folder,
        "large",
        "--frames",
        "1-1",
        before_saving="m = bpy.data.meshes.new('Much'); "
        "m.vertices.add(9_000_000); m.use_fake_user = True",
    )
    count = -(-Path(path).stat().st_size // PART_BYTES)
    assert count > 6, f"{count} parts are too few to be broken off in the middle"
    bucket = os.environ["SPOTRENDER_INPUT_BUCKET"]
    server = serve()
    command = [
        "submit",
        path,
        "--json",
        *FARM,
        "--endpoint-url",
        f"http://127.0.0.1:{server.server_port}",
    ]
    own = {"env": os.environ | {"XDG_CACHE_HOME": f"{folder}/cache"}}

    broken = start(*command, **own)
    until("two parts are there", lambda: len(parts_there(bucket)) >= 2)
    broken.kill()
    broken.communicate()
    assert broken.returncode == -signal.SIGKILL, "the upload was over before it could be killed"
    # What was on its way arrives or does not.
    seen = []
    until(
        "no more parts arrive",
        lambda: seen.append(parts_there(bucket)) or seen[-3:].count(seen[-1]) == 3,
    )
    there = seen[-1]
    assert 2 <= len(there) < count, (there, count)

    server.sent.clear()
    again = start(*command, **own)
    output, errors = again.communicate(timeout=SECONDS_MAX)
    assert again.returncode == 0, (output, errors)
    assert sorted(server.sent) == sorted(set(range(1, count + 1)) - there), (
        server.sent,
        there,
        count,
    )
    assert not list(Path(f"{folder}/cache/spotrender/uploads").iterdir()), (
        "the upload's name is kept for ever"
    )
    assert "is done" in spotrender("watch", json.loads(output)["job"], *FARM)
    print(
        f"Of {count} parts {len(there)} were there when the upload was killed; "
        f"{len(server.sent)} were sent again."
    )


# --- Completion
# ---------------------------------------------------------------------------------------


def complete(script, *words):
    """What bash offers for the last of the words."""
    program = (
        'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; '
        "COMP_POINT=${#COMP_LINE}\n"
        '$(complete -p spotrender | sed "s/.*-F \\([^ ]*\\).*/\\1/") '
        'spotrender "${@: -1}" "${@: -2:1}"\n'
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    answer = subprocess.run(
        ["bash", "-c", program, script, *words],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"PATH": f"{ROOT}/dist:{os.environ['PATH']}"},
    )
    assert not answer.stderr, answer.stderr
    return set(answer.stdout.split())


def check_completion(folder):
    script = f"{folder}/completion.bash"
    Path(script).write_text(spotrender("--generate-completion-script", "bash"))
    for words, wanted in (
        (["sub"], {"submit"}),
        (["re"], {"resume", "retry", "report"}),
        (["local", "in"], {"interrupt", "instances"}),
        (["submit", "--pri"], {"--priority"}),
        (["local", "interrupt", "--me"], {"--method"}),
        (["estimate", "--on"], {"--on-instance"}),
    ):
        found = complete(script, "spotrender", *words)
        assert found == wanted, (words, found, wanted)
    for shell, sign in (("zsh", "#compdef spotrender"), ("fish", "complete -c 'spotrender'")):
        assert sign in spotrender("--generate-completion-script", shell), shell
    print("bash completes commands and options.")


def main():
    with tempfile.TemporaryDirectory() as folder:
        check_completion(folder)
        check_interrupt(folder)
        check_broken_upload(folder)


if __name__ == "__main__":
    main()
