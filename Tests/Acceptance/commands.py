"""How the command line reacts to signals, broken uploads and a shell's completion.

Ctrl-C leaves a watched job running and says so. A killed upload resumes with the missing parts.
bash completes commands and options.
"""

import http.client
import http.server
import json
import os
import re
import signal
import subprocess
import tempfile
import threading
from pathlib import Path
from urllib.parse import urlsplit

from harness import (
    ROOT,
    SECONDS_MAX,
    client,
    cloud,
    endpoint,
    expect,
    scene,
    spotrender,
    start,
    submit,
    until,
    watch,
)

PART_BYTES = 16 << 20  # as in MultipartPlan


# Signals


def interrupting_watch_leaves_the_job_running(folder):
    job = submit(scene(folder, "watched", "--frames", "1-4", "--samples", "500"))
    watching = start("watch", job, *cloud().farm)
    first = watching.stdout.readline()
    watching.send_signal(signal.SIGINT)
    output, errors = watching.communicate(timeout=20)
    expect(watching.returncode == 130, "Ctrl-C ends `watch` with 130", first, output, errors)
    for words in (f"{job} keeps running", f"spotrender watch {job}", f"spotrender cancel {job}"):
        expect(words in errors, f"`watch` says “{words}”", errors)
    expect("is done" in watch(job), "the job ends")


# A broken upload


class Proxy(http.server.BaseHTTPRequestHandler):
    """Forwards every request to the local cloud, and records the parts that were uploaded."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def forward(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        number = re.search(r"[?&]partNumber=(\d+)", self.path)
        if number and self.command == "PUT":
            self.server.sent.append(int(number[1]))
        upstream = http.client.HTTPConnection(*self.server.upstream, timeout=60)
        # The signature covers the Host header, so it stays as it is.
        upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            upstream.putheader(name, value)
        upstream.endheaders(body)
        response = upstream.getresponse()
        self.reply(response, response.read())
        upstream.close()

    def reply(self, response, content):
        self.send_response_only(response.status)
        for name, value in response.getheaders():
            if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                self.send_header(name, value)
        is_head = self.command == "HEAD"
        length = response.getheader("Content-Length", "0") if is_head else str(len(content))
        self.send_header("Content-Length", length)
        self.end_headers()
        if not is_head:
            self.wfile.write(content)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = forward


class ProxyServer(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Proxy)
        address = urlsplit(endpoint())
        self.upstream, self.sent = (address.hostname, address.port), []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        """The test kills a client on purpose, which breaks its connections."""


def stored_parts(bucket):
    """The part numbers of the only upload in progress."""
    s3 = client("s3")
    uploads = s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
    if not uploads:
        return set()
    parts = s3.list_parts(Bucket=bucket, Key=uploads[0]["Key"], UploadId=uploads[0]["UploadId"])
    return {part["PartNumber"] for part in parts.get("Parts", [])}


def a_killed_upload_resumes_with_the_missing_parts(folder):
    mesh = "m = bpy.data.meshes.new('Much'); m.vertices.add(9_000_000); m.use_fake_user = True"
    path = scene(folder, "large", "--frames", "1-1", before_saving=mesh)
    count = -(-Path(path).stat().st_size // PART_BYTES)
    expect(count > 6, "the scene has enough parts", count)
    bucket = os.environ["SPOTRENDER_INPUT_BUCKET"]
    with ProxyServer() as server:
        address = f"http://127.0.0.1:{server.server_port}"
        command = ["submit", path, "--json", *cloud().farm, "--endpoint-url", address]
        own = {"env": os.environ | {"XDG_CACHE_HOME": f"{folder}/cache"}}

        broken = start(*command, **own)
        until("two parts are stored", lambda: len(stored_parts(bucket)) >= 2)
        broken.kill()
        broken.communicate()
        expect(broken.returncode == -signal.SIGKILL, "the kill comes before the upload's end")
        stored = settled_parts(bucket)
        expect(2 <= len(stored) < count, "the upload is broken in its middle", stored, count)

        server.sent.clear()
        again = start(*command, **own)
        output, errors = again.communicate(timeout=SECONDS_MAX)
        expect(again.returncode == 0, "the second upload succeeds", output, errors)
        missing = sorted(set(range(1, count + 1)) - stored)
        expect(sorted(server.sent) == missing, "it sends what is missing", server.sent, missing)
        server.shutdown()
    uploads = list(Path(f"{folder}/cache/spotrender/uploads").iterdir())
    expect(not uploads, "no record of the upload stays in the cache", uploads)
    expect("is done" in watch(json.loads(output)["job"]), "the job ends")


def settled_parts(bucket):
    """The stored parts once three looks in a row see the same: some may still be on their way."""
    seen = []

    def look():
        seen.append(stored_parts(bucket))
        return seen[-3:].count(seen[-1]) == 3

    until("no more parts arrive", look)
    return seen[-1]


# Completion

COMPLETE = r"""
source "$0"
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE}
$(complete -p spotrender | sed "s/.*-F \([^ ]*\).*/\1/") spotrender "${@: -1}" "${@: -2:1}"
printf "%s\n" "${COMPREPLY[@]}"
"""


def complete(script, *words):
    """What bash offers for the last word."""
    path = f"{ROOT}/dist:{os.environ['PATH']}"
    command = ["bash", "-c", COMPLETE, script, "spotrender", *words]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"PATH": path}, capture_output=True, text=True
    )
    expect(not done.returncode and not done.stderr, "bash runs the script", done.stderr)
    return set(done.stdout.split())


def shells_complete_commands_and_options(folder):
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
        found = complete(script, *words)
        expect(found == wanted, f"bash completes {words}", found, wanted)
    for shell, sign in (("zsh", "#compdef spotrender"), ("fish", "complete -c 'spotrender'")):
        written = spotrender("--generate-completion-script", shell)
        expect(sign in written, f"{shell} has a completion script", written[:200])


def main():
    with tempfile.TemporaryDirectory() as folder:
        shells_complete_commands_and_options(folder)
        interrupting_watch_leaves_the_job_running(folder)
        a_killed_upload_resumes_with_the_missing_parts(folder)
