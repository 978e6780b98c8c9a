"""Runs a Lambda's bootstrap under AWS's own Runtime Interface Emulator, on loopback only.

    rie.py BOOTSTRAP EVENT.json [NAME=VALUE ...]

BOOTSTRAP is an executable or a zip that holds one; EVENT.json may be `-`. The answer goes to
standard output, the function's log to standard error. The exit status is 1 when the function
failed.
"""

import contextlib
import json
import os
import pathlib
import platform
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".build" / "tools"
# The wheel that carries the emulator: AWS publishes it for Linux in container images otherwise.
WHEEL = "aws-sam-cli==1.170.0"
MEMBER = "samcli/local/rapid/aws-lambda-rie-{}"
START_SECONDS_MAX = 10
ANSWER_SECONDS_MAX = 60


def emulator():
    """The emulator's path; fetched once from PyPI."""
    if given := os.environ.get("SPOTRENDER_RIE"):
        return pathlib.Path(given)
    machine = {"x86_64": "x86_64", "aarch64": "arm64"}[platform.machine()]
    path = TOOLS / f"aws-lambda-rie-{machine}"
    if not path.exists():
        TOOLS.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=TOOLS) as folder:
            command = [
                sys.executable,
                "-m",
                "pip",
                "download",
                "-q",
                "--no-deps",
                "-d",
                folder,
                WHEEL,
            ]
            subprocess.run(command, check=True, stdout=sys.stderr)
            (wheel,) = pathlib.Path(folder).glob("*.whl")
            with zipfile.ZipFile(wheel) as archive:
                new = pathlib.Path(folder) / "rie"
                new.write_bytes(archive.read(MEMBER.format(machine)))
            new.chmod(0o755)
            new.rename(path)
    return path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Function:
    """One execution environment: the emulator with a bootstrap, until the `with` block ends."""

    def __init__(self, bootstrap, environment, seconds=ANSWER_SECONDS_MAX):
        self.bootstrap = pathlib.Path(bootstrap)
        self.seconds = seconds
        # The function gets none of this machine's settings or keys.
        self.environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": "/nonexistent",
            "AWS_LAMBDA_FUNCTION_NAME": self.bootstrap.stem,
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(seconds),
            "AWS_REGION": "us-east-1",
            **environment,
        }

    def __enter__(self):
        self.resources = contextlib.ExitStack()
        folder = pathlib.Path(self.resources.enter_context(tempfile.TemporaryDirectory()))
        program = folder / "bootstrap"
        if self.bootstrap.suffix == ".zip":
            with zipfile.ZipFile(self.bootstrap) as archive:
                program.write_bytes(archive.read("bootstrap"))
        else:
            shutil.copyfile(self.bootstrap, program)
        program.chmod(0o755)
        self.log = open(folder / "log", "w+b")
        self.resources.callback(self.log.close)
        port = free_port()
        command = [
            emulator(),
            "--runtime-api-address",
            f"127.0.0.1:{free_port()}",
            "--runtime-interface-emulator-address",
            f"127.0.0.1:{port}",
            program,
        ]
        # In its own session the function ends together with the emulator.
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )
        self.resources.callback(self.stop)
        self.url = f"http://127.0.0.1:{port}/2015-03-31/functions/function/invocations"
        end = time.monotonic() + START_SECONDS_MAX
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return self
            if self.process.poll() is not None or time.monotonic() > end:
                text = self.log_text()
                self.resources.close()
                raise RuntimeError(f"the emulator did not start:\n{text}")
            time.sleep(0.02)

    def __exit__(self, *_):
        self.resources.close()

    def stop(self):
        """SIGTERM, which the emulator passes on, then the end of the whole group."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(5)

    def invoke(self, event):
        """Returns the bytes of the answer to an event."""
        request = urllib.request.Request(self.url, data=event, method="POST")
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=self.seconds + 10) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            # The emulator answers 502 with the reason if a function cannot start.
            return error.read()

    def log_text(self):
        self.log.flush()
        with open(self.log.name, "rb") as log:
            return log.read().decode(errors="replace")


def failure(answer):
    """The function's error, or None for a response."""
    with contextlib.suppress(ValueError):
        value = json.loads(answer)
        if isinstance(value, dict) and {"errorType", "errorMessage"} <= value.keys():
            return value
    return None


def main(arguments):
    if len(arguments) < 2:
        sys.exit(__doc__)
    bootstrap, event, *settings = arguments
    if not pathlib.Path(bootstrap).is_file():
        sys.exit(f"There is no {bootstrap}: build it with infra/package.sh")
    if event != "-" and not pathlib.Path(event).is_file():
        sys.exit(f"There is no {event}: events/ has one for each trigger")
    data = sys.stdin.buffer.read() if event == "-" else pathlib.Path(event).read_bytes()
    with Function(bootstrap, dict(setting.split("=", 1) for setting in settings)) as function:
        answer = function.invoke(data)
        sys.stderr.write(function.log_text())
    print(answer.decode(errors="replace"))
    if failure(answer) and not any(setting.startswith("SPOTRENDER_") for setting in settings):
        sys.stderr.write(
            "No farm is named: `. .spotrender/local/env.sh` after `spotrender local up`,"
            " or `. .spotrender/STACK.env` after `make deploy`, and again.\n"
        )
    sys.exit(1 if failure(answer) else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
