"""Proves that a packaged Lambda needs nothing but itself, and prints its size and cold start.

    empty_root.py BOOTSTRAP.zip [...]

Each program must be one static file. It runs in a root folder with itself, /etc/resolv.conf and the
kernel's /proc (Swift's runtime reads its own path there), in a network with a name server, the
Runtime API and an HTTPS server only. spot-interruption-handler answers an event of a foreign
instance, which needs DynamoDB over HTTPS. The server's certificate is

  accepted  from a root that AWS_CA_BUNDLE names
  refused   by the compiled-in roots, which are Amazon's alone
  refused   if it is another host's

The compiled-in roots must equal Debian's copies of Amazon's: without a network no check can reach
AWS itself. Needs root, or user namespaces.
"""

import fcntl
import http.server
import json
import os
import shutil
import socket
import socketserver
import ssl
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EVENT = (ROOT / "events/instance-state-change.json").read_bytes()
DEBIAN_ROOTS = Path("/usr/share/ca-certificates/mozilla")
HOST, OTHER = "dynamodb.farm.test", "other.farm.test"
STARTS = 15
SECONDS_MAX = 20


def expect(condition, words, *details):
    if not condition:
        sys.exit("\n".join([f"FAILED: {words}", *map(str, details)]))


def isolate():
    """Begins anew with mounts of its own and a network whose loopback is up and which leads
    nowhere."""
    if "SPOTRENDER_ISOLATED" not in os.environ:
        user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        os.environ["SPOTRENDER_ISOLATED"] = "1"
        os.execvp("unshare", ["unshare", "--net", "--mount", *user, sys.executable, *sys.argv])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        name = struct.pack("16sh", b"lo", 1)  # IFF_UP
        fcntl.ioctl(probe, 0x8914, name)  # SIOCSIFFLAGS


class NameServer(socketserver.BaseRequestHandler):
    """Every name is this machine: an A record 127.0.0.1, and no AAAA (RFC 1035)."""

    def handle(self):
        query, sender = self.request
        end = query.index(0, 12) + 5
        isA = query[end - 4 : end - 2] == b"\0\1"
        answer = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\1" if isA else b""
        head = query[:2] + b"\x81\x80" + struct.pack(">HHHH", 1, bool(answer), 0, 0)
        sender.sendto(head + query[12:end] + answer, self.client_address)


class DynamoDB(http.server.BaseHTTPRequestHandler):
    """Has no item of any key."""

    protocol_version = "HTTP/1.1"
    asked = []

    def log_message(self, *_):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append((self.headers["Host"], self.headers["X-Amz-Target"]))
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")


class QuietServer(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        pass  # a handshake or a connection that the client broke off


class RuntimeAPI(http.server.BaseHTTPRequestHandler):
    """One event, then nothing more; what is posted is kept."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        server = self.server
        server.waiting.set()
        if server.event is None:
            server.over.wait(SECONDS_MAX)
            return
        event, server.event = server.event, None
        self.send_response(200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int((time.time() + SECONDS_MAX) * 1000)))
        self.send_header("Content-Length", str(len(event)))
        self.end_headers()
        self.wfile.write(event)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append((self.path.rpartition("/")[2], body))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.server.answered.set()


def serve(server):
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def certificate(folder):
    """A root of our own, and a certificate of HOST that it signs."""

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl(
        "req",
        "-x509",
        *key,
        "-keyout",
        "ca.key",
        "-out",
        "ca.pem",
        "-days",
        "2",
        "-subj",
        "/CN=A test's root",
    )
    openssl("req", *key, "-keyout", "host.key", "-out", "host.csr", "-subj", f"/CN={HOST}")
    (folder / "names").write_text(f"subjectAltName=DNS:{HOST}\n")
    openssl(
        "x509",
        "-req",
        "-in",
        "host.csr",
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-days",
        "2",
        "-extfile",
        "names",
        "-out",
        "host.pem",
    )


class EmptyRoot:
    def __init__(self, package, folder):
        self.folder = Path(tempfile.mkdtemp(dir=folder))
        with zipfile.ZipFile(package) as archive:
            expect(
                archive.namelist() == ["bootstrap"],
                f"{package} holds bootstrap alone",
                archive.namelist(),
            )
            self.program = Path(archive.extract("bootstrap", self.folder))
        self.program.chmod(0o755)
        (self.folder / "etc").mkdir()
        (self.folder / "etc/resolv.conf").write_text("nameserver 127.0.0.1\n")
        self.proc = self.folder / "proc"
        self.proc.mkdir()

    def __enter__(self):
        subprocess.run(["mount", "--rbind", "/proc", self.proc], check=True)
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "--lazy", self.proc], check=True)

    def check_static(self):
        text = subprocess.run(
            ["readelf", "-ldW", self.program], check=True, capture_output=True, text=True
        ).stdout
        expect(
            "NEEDED" not in text and "INTERP" not in text, "no shared library and no loader", text
        )

    def check_roots(self):
        """All of AWS's endpoints chain to these five (https://www.amazontrust.com/repository/)."""
        program = self.program.read_bytes()
        roots = [
            path
            for path in DEBIAN_ROOTS.iterdir()
            if path.name.startswith(("Amazon_Root", "Starfield_Services"))
        ]
        expect(len(roots) == 5, "Debian has Amazon's five roots", roots)
        for path in roots:
            expect(path.read_bytes().strip() in program, f"{path.name} is compiled in")
        expect(program.count(b"BEGIN CERTIFICATE") == len(roots), "and no other root is")

    def run(self, event, settings):
        """What the function posted, its log, and the milliseconds from spawn to the first
        `next`."""
        api = QuietServer(("127.0.0.1", 0), RuntimeAPI)
        api.event, api.posted = event, []
        api.waiting, api.answered, api.over = (
            threading.Event(),
            threading.Event(),
            threading.Event(),
        )
        serve(api)
        log = tempfile.TemporaryFile()  # noqa: SIM115 (stays open while its process runs)
        begin = time.perf_counter()
        process = subprocess.Popen(
            ["/usr/sbin/chroot", self.folder, "/bootstrap"],
            stdout=log,
            stderr=log,
            env={"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_port}", **settings},
        )
        try:
            expect(api.waiting.wait(SECONDS_MAX), "it asks for an invocation", process.poll())
            milliseconds = (time.perf_counter() - begin) * 1000
            if event is not None:
                expect(api.answered.wait(SECONDS_MAX), "it answers", process.poll())
        finally:
            process.kill()
            process.wait()
            api.over.set()
            api.shutdown()
        log.seek(0)
        return api.posted, log.read().decode(errors="replace"), milliseconds


def settings(port, host=HOST):
    return {
        "AWS_ENDPOINT_URL": f"https://{host}:{port}",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "SPOTRENDER_TABLE": "table",
        "SPOTRENDER_QUEUE_URL": "https://farm.test/queue",
        "SPOTRENDER_HIGH_QUEUE_URL": "https://farm.test/high",
        "SPOTRENDER_ON_DEMAND_QUEUE_URL": "https://farm.test/on-demand",
        "SPOTRENDER_DEAD_LETTER_QUEUE_URL": "https://farm.test/dead",
        "SPOTRENDER_INPUT_BUCKET": "input",
        "SPOTRENDER_OUTPUT_BUCKET": "output",
        "SPOTRENDER_SPOT_GROUP": "spot",
        "SPOTRENDER_ON_DEMAND_GROUP": "on-demand",
        "SPOTRENDER_TOPIC": "arn:aws:sns:us-east-1:1:topic",
        "SPOTRENDER_STACK": "farm",
        "SPOTRENDER_FLEET_MIN": "0",
        "SPOTRENDER_FLEET_MAX": "10",
        "SPOTRENDER_ON_DEMAND_BASE": "0",
        "SPOTRENDER_ON_DEMAND_MAX": "2",
        "SPOTRENDER_TURN_AROUND_SECONDS": "3600",
        "SPOTRENDER_IDLE_GRACE_SECONDS": "300",
        "SPOTRENDER_LAUNCH_WAIT_SECONDS": "300",
    }


def check_https(package, folder):
    server = QuietServer(("127.0.0.1", 0), DynamoDB)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "host.pem", folder / "host.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    port = serve(server).server_port
    with EmptyRoot(package, folder) as root:
        shutil.copy(folder / "ca.pem", root.folder / "ca.pem")
        check_trust(root, port, {"AWS_CA_BUNDLE": "/ca.pem"})


def check_trust(root, port, trust):
    posted, log, _ = root.run(EVENT, settings(port) | trust)
    expect(posted and posted[0][0] == "response", "the event is answered", posted, log)
    expect(json.loads(posted[0][1])["isOurs"] is False, "the instance is nobody's", posted)
    expect(
        (f"{HOST}:{port}", "DynamoDB_20120810.GetItem") in DynamoDB.asked,
        "DynamoDB was asked",
        DynamoDB.asked,
    )

    for words, change in (("Amazon's roots do not know it", {}), ("it is another host's", trust)):
        DynamoDB.asked.clear()
        host = HOST if not change else OTHER
        posted, log, _ = root.run(EVENT, settings(port, host) | change)
        expect(
            posted and posted[0][0] == "error", f"the certificate is refused: {words}", posted, log
        )
        expect("certificate" in log + str(posted), "and the error says so", posted, log)
        expect(not DynamoDB.asked, "and nothing was sent", DynamoDB.asked)


def main(packages):
    isolate()
    names = socketserver.ThreadingUDPServer(("127.0.0.1", 53), NameServer)
    serve(names)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        certificate(folder)
        for package in packages:
            with EmptyRoot(package, folder) as root:
                root.check_static()
                root.check_roots()
                starts = [root.run(None, settings(9))[2] for _ in range(STARTS)]
            print(
                f"ok    {package}: {Path(package).stat().st_size / 1e6:.1f} MB, one static file of"
                f" {root.program.stat().st_size / 1e6:.1f} MB;"
                f" in an empty root from spawn to `next`"
                f" {statistics.median(starts):.1f} ms"
            )
            if "spot-interruption-handler" in str(package):
                check_https(package, folder)
                print(
                    f"ok    {package}: answers over HTTPS in an empty root;"
                    f" a foreign certificate is refused"
                )


if __name__ == "__main__":
    main(sys.argv[1:])
