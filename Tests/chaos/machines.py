"""Instances with their metadata service, and Lambda's Runtime API, for the farm's programs."""

import contextlib
import http.server
import json
import os
import pathlib
import signal
import socketserver
import subprocess
import threading
import time

ZONE = "us-east-1a"


def moment(seconds=0):
    """The time in so many seconds, in EC2's format."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


class Quiet(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, content=b"", **headers):
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class Loopback(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.address = f"127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        """Clients are killed here in the middle of a call."""

    def close(self):
        self.shutdown()
        self.server_close()


class Metadata(Quiet):
    """IMDSv2, as far as a worker asks."""

    def do_PUT(self):
        self.answer(200, b"token", X_aws_ec2_metadata_token_ttl_seconds="21600")

    def do_GET(self):
        value = self.server.facts.get(self.path.removeprefix("/latest/"))
        if value is None:
            self.answer(404)
        else:
            self.answer(200, value.encode())


class Instance:
    """One worker with its metadata service; its log is one file, over all its lives."""

    def __init__(self, name, program, environment, folder):
        self.name = name
        self.program = program
        self.folder = pathlib.Path(folder) / name
        self.folder.mkdir(parents=True)
        self.imds = Loopback(Metadata)
        self.imds.facts = {
            "meta-data/instance-id": name,
            "meta-data/instance-type": "c5a.2xlarge",
            "meta-data/instance-life-cycle": "spot",
            "meta-data/placement/availability-zone": ZONE,
            "meta-data/placement/region": ZONE[:-1],
            "dynamic/instance-identity/document": json.dumps({"pendingTime": moment()}),
        }
        self.environment = environment | {
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": f"http://{self.imds.address}",
            "SPOTRENDER_WORK_DIR": str(self.folder / "work"),
        }
        self.log = open(self.folder / "log", "ab")  # noqa: SIM115 (stays open while its process runs)
        self.is_paused = False
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [self.program],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )

    @property
    def is_running(self):
        return self.process.poll() is None

    def warn(self, seconds=120):
        self.imds.facts["meta-data/spot/instance-action"] = json.dumps(
            {"action": "terminate", "time": moment(seconds)}
        )

    def send(self, number):
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, number)

    def pause(self):
        self.is_paused = True
        self.send(signal.SIGSTOP)

    def resume(self):
        self.send(signal.SIGCONT)
        self.is_paused = False

    def kill(self):
        """As a power cut: SIGKILL; what it started ends by itself, as Blender does."""
        self.send(signal.SIGKILL)
        self.process.wait()

    def close(self):
        self.kill()
        self.imds.close()
        self.log.close()

    def log_text(self):
        return (self.folder / "log").read_text(errors="replace")


class RuntimeAPI(Quiet):
    """Lambda Runtime API 2018-06-01: one event, one answer."""

    def do_GET(self):
        server = self.server
        if not self.path.endswith("/invocation/next"):
            self.answer(404)
        elif server.is_taken.is_set():
            server.is_over.wait()  # as Lambda freezes a function that has nothing to do
            self.close_connection = True
        else:
            server.is_taken.set()
            self.answer(
                200,
                server.event,
                Lambda_Runtime_Aws_Request_Id="chaos",
                Lambda_Runtime_Deadline_Ms=str(int((time.time() + server.seconds) * 1000)),
            )

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.result = (self.path.rsplit("/", 1)[-1], body)
        self.answer(202)
        self.server.is_over.set()


def invoke(program, event, environment, log, seconds=55, kill_after=None):
    """A function's answer to an event, or None when it failed, timed out or was killed."""
    api = Loopback(RuntimeAPI)
    api.event, api.seconds, api.result = json.dumps(event).encode(), seconds, None
    api.is_taken, api.is_over = threading.Event(), threading.Event()
    process = subprocess.Popen(
        [program],
        env=environment
        | {
            "AWS_LAMBDA_RUNTIME_API": api.address,
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            "AWS_LAMBDA_FUNCTION_NAME": pathlib.Path(program).name,
        },
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
    )
    api.is_over.wait(kill_after if kill_after is not None else seconds)
    process.kill()
    process.wait()
    api.is_over.set()
    api.close()
    return api.result[1] if api.result and api.result[0] == "response" else None
