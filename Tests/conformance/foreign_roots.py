"""Proves that our static programs start on systems other than Debian 12.

    foreign_roots.py dist/spot-interruption-handler.zip dist/render-worker

A static glibc loads the NSS modules that the host's /etc/nsswitch.conf names for host lookups.
Modules of another glibc crash the program. Our programs must therefore load none (see
Sources/CCurl/CCurl.c).

Each program runs in a root with the glibc and the modules `myhostname` and `resolve` of Debian 13
and of Debian 11. Each root is tried with the `hosts:` lines of Fedora (Amazon Linux has the same
kind of line), of Debian with libnss-myhostname, and of plain Debian. Each line is tried with a name
server that answers, with one that knows no name, and with none. The packages come from Debian's
mirror into .roots/, once. Wants root.
"""

import http.server
import os
import shutil
import socketserver
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import empty_root
from empty_root import EVENT, ROOT, EmptyRoot, NameServer, expect, isolate, serve, settings

CACHE = ROOT / ".roots"
PACKAGES = ["libc6", "libgcc-s1", "libcap2", "libnss-myhostname", "libnss-resolve"]
SUITES = {"trixie": "Debian 13", "bullseye": "Debian 11"}
HOSTS_LINES = [
    "files myhostname resolve [!UNAVAIL=return] dns",
    "files dns myhostname",
    "files dns",
]
HOST = "dynamodb.farm.test"
SECONDS_MAX = 40


def fetch(suite):
    """The unpacked packages of a Debian release; apt keeps its lists beside them."""
    folder = CACHE / suite
    root = folder / "root"
    if root.is_dir():
        return root
    shutil.rmtree(folder, ignore_errors=True)
    for part in ("lists/partial", "cache/archives/partial", "debs", "new"):
        (folder / part).mkdir(parents=True)
    key = "/usr/share/keyrings/debian-archive-keyring.gpg"
    (folder / "sources.list").write_text(
        f"deb [signed-by={key}] http://deb.debian.org/debian {suite} main\n"
    )
    (folder / "status").touch()
    places = {
        "Dir::Etc::sourcelist": "sources.list",
        "Dir::State::lists": "lists",
        "Dir::State::status": "status",
        "Dir::Cache": "cache",
    }
    options = ["-qq", "-o", "Dir::Etc::sourceparts=-", "-o", "APT::Sandbox::User=root"]
    for name, place in places.items():
        options += ["-o", f"{name}={folder / place}"]
    subprocess.run(["apt-get", *options, "update"], check=True)
    subprocess.run(["apt-get", *options, "download", *PACKAGES], check=True, cwd=folder / "debs")
    for package in sorted((folder / "debs").iterdir()):
        subprocess.run(["dpkg-deb", "--extract", package, folder / "new"], check=True)
    (folder / "new").rename(root)
    return root


class ForeignRoot(EmptyRoot):
    """A root with another system's glibc and NSS modules beside our program."""

    def __init__(self, package, folder, system, hosts):
        if str(package).endswith(".zip"):
            super().__init__(package, folder)
        else:
            self.folder = Path(tempfile.mkdtemp(dir=folder))
            self.program = Path(shutil.copy(package, self.folder / "bootstrap"))
            (self.folder / "etc").mkdir()
            (self.folder / "etc/resolv.conf").write_text(
                "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n"
            )
            self.proc = self.folder / "proc"
            self.proc.mkdir()
            (self.folder / "tmp").mkdir()
        shutil.copytree(system / "usr", self.folder / "usr", symlinks=True, dirs_exist_ok=True)
        for name in ("lib", "lib64"):
            part = system / name
            if part.is_dir() and not part.is_symlink():
                shutil.copytree(part, self.folder / name, symlinks=True, dirs_exist_ok=True)
            elif not (self.folder / name).exists():
                (self.folder / name).symlink_to(f"usr/{name}")
        (self.folder / "etc/nsswitch.conf").write_text(
            f"passwd: files systemd\ngroup: files systemd\nhosts: {hosts}\n"
        )


class UnknownNames(NameServer):
    """A name server that knows no name (NXDOMAIN, RFC 1035)."""

    def handle(self):
        query, sender = self.request
        end = query.index(0, 12) + 5
        sender.sendto(query[:2] + b"\x81\x83\0\1\0\0\0\0\0\0" + query[12:end], self.client_address)


class Metadata(http.server.BaseHTTPRequestHandler):
    """Refuses every request: the worker has found the host, and ends with an error."""

    asked = []

    def log_message(self, *_):
        pass

    def refuse(self):
        self.asked.append(self.headers["Host"])
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_PUT = refuse


def check_lambda(root, mode):
    posted, log, _ = root.run(
        EVENT, settings(root.port) | {"AWS_ENDPOINT_URL": f"http://{HOST}:{root.port}"}
    )
    expect(posted, "the function answers", log)
    wanted = "response" if mode == "answers" else "error"
    expect(posted[0][0] == wanted, f"the function posts a {wanted}", posted, log)


def check_worker(root, mode):
    Metadata.asked.clear()
    metadata = empty_root.QuietServer(("127.0.0.1", 0), Metadata)
    serve(metadata)
    ended = subprocess.run(
        ["/usr/sbin/chroot", root.folder, "/bootstrap"],
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        env={
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": f"http://{HOST}:{metadata.server_port}",
            "AWS_REGION": "us-east-1",
        },
    )
    metadata.shutdown()
    text = ended.stdout + ended.stderr
    expect(
        ended.returncode > 0,
        "the worker ends with a status of its own, not by a signal",
        ended.returncode,
        text,
    )
    expect(
        bool(Metadata.asked) == (mode == "answers"),
        "the worker finds the host if there is one",
        text,
    )


def check_all(packages, folder):
    server = empty_root.QuietServer(("127.0.0.1", 0), empty_root.DynamoDB)
    serve(server)
    for suite, system in SUITES.items():
        files = fetch(suite)
        for package in packages:
            for hosts in HOSTS_LINES:
                with ForeignRoot(package, folder, files, hosts) as root:
                    root.port = server.server_port
                    check = check_lambda if package.endswith(".zip") else check_worker
                    for mode, names in (
                        ("answers", NameServer),
                        ("unknown", UnknownNames),
                        ("none", None),
                    ):
                        if names is None:
                            check(root, mode)
                            continue
                        with socketserver.ThreadingUDPServer(("127.0.0.1", 53), names) as listener:
                            threading.Thread(target=listener.serve_forever, daemon=True).start()
                            check(root, mode)
                            listener.shutdown()
            print(f"ok    {package}: starts and looks up hosts beside {system}'s NSS modules")


def main(packages):
    for suite in SUITES:
        fetch(suite)
    isolate()
    socketserver.ThreadingUDPServer.allow_reuse_address = True
    with tempfile.TemporaryDirectory() as folder:
        check_all(packages, folder)


if __name__ == "__main__":
    os.chdir(ROOT)
    main(sys.argv[1:])
