"""Runs bootstraps under AWS's Runtime Interface Emulator, an independent check of the runtime.

    check.py --echo ECHO-LAMBDA             the whole protocol, with a Lambda for this test
    check.py BOOTSTRAP EVENT.json [...]     each answers its event twice, with any answer

A BOOTSTRAP runs without AWS, so its answer may be an error. The error must be the function's own.
"""

import http.server
import json
import pathlib
import re
import subprocess
import sys
import threading

import rie

TYPE = re.compile(r"(Runtime|Function)\.[A-Z][a-zA-Z]+")
# The emulator's errors for a function that died or ran out of time.
DEATHS = {"Runtime.ExitError", "Function.Timeout", "Sandbox.Timedout", "Sandbox.Timeout"}
RESPONSE_BYTES_MAX = 6_291_556


def expect(condition, words, *details):
    if not condition:
        sys.exit("\n".join([f"FAILED: {words}", *map(str, details)]))


def check_echo(path):
    with rie.Function(path, {"AWS_LAMBDA_LOG_FORMAT": "JSON"}) as function:
        event = json.dumps({"text": "Frühling ❄️ \n\u0001"}).encode()
        expect(function.invoke(event) == event, "an event comes back byte for byte")

        words = 'Frühling\r\n"❄️"\t\u0001 \\ ' + "x" * 5000
        error = rie.failure(function.invoke(json.dumps({"fail": words}).encode()))
        is_typed = error and error["errorType"] == "Function.RequestedFailure"
        expect(is_typed, "an error has its type", error)
        expect(error["errorMessage"][:4000] == words[:4000], "an error has its words", error)

        answer = function.invoke(json.dumps({"large": RESPONSE_BYTES_MAX}).encode())
        expect(len(answer) == RESPONSE_BYTES_MAX, "a response of the limit arrives", len(answer))
        error = rie.failure(function.invoke(json.dumps({"large": RESPONSE_BYTES_MAX + 1}).encode()))
        expect(
            error and error["errorType"] == "Function.ResponseSizeTooLarge",
            "the runtime refuses a response above the limit",
            error,
        )

        large = json.dumps({"text": "y" * (6 << 20)}).encode()
        expect(function.invoke(large) == large, "an event of 6 MiB comes back")
        lines = [json.loads(line) for line in function.log_text().splitlines() if line[:1] == "{"]
        named = [line for line in lines if line.get("requestId")]
        expect(len(named) == 2, "each failure is one line of JSON with its request id", lines)
        # Started once: one process served all events.
        starts = [line for line in lines if line["message"] == "started"]
        expect(len(starts) == 1, "the process outlives errors", lines)

    with rie.Function(path, {"ECHO_INIT_ERROR": "no table: set SPOTRENDER_TABLE"}) as function:
        answer = function.invoke(b"{}").decode()
        expect("no table: set SPOTRENDER_TABLE" in answer, "init/error has the reason", answer)

    with rie.Function(path, {"ECHO_TERMINATION": "farewell"}) as function:
        expect(function.invoke(b"{}") == b"{}", "it serves with the extension registered")
        text = function.log_text()
        expect("spotrender-termination" in text, "the extension is registered", text)
    check_termination(path)
    print(f"ok    {path}: the Runtime API's protocol")


class IdleRuntimeAPI(http.server.BaseHTTPRequestHandler):
    """Registers extensions and lets every `next` wait, as a frozen environment would."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Lambda-Extension-Identifier", "identifier")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self):
        if "invocation" in self.path:
            self.server.is_waiting.set()
        self.server.is_over.wait()


def check_termination(path):
    """SIGTERM while `next` waits. The emulator kills the function too soon for this one."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), IdleRuntimeAPI) as server:
        server.is_waiting, server.is_over = threading.Event(), threading.Event()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        host = f"127.0.0.1:{server.server_port}"
        environment = {"AWS_LAMBDA_RUNTIME_API": host, "ECHO_TERMINATION": "farewell"}
        function = subprocess.Popen([path], env=environment, stderr=subprocess.PIPE)
        try:
            expect(server.is_waiting.wait(10), "the function asks for an invocation")
            function.terminate()
            log = function.communicate(timeout=10)[1].decode()
            expect("farewell" in log and function.returncode == 0, "SIGTERM is handled", log)
        finally:
            function.kill()
            server.is_over.set()
            server.shutdown()


def check_bootstrap(path, event):
    # Loopback's discard port: refused at once, so that no test depends on a network.
    settings = {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "SPOTRENDER_TABLE": "table",
        "SPOTRENDER_QUEUE_URL": "http://127.0.0.1:9/queue",
        "SPOTRENDER_HIGH_QUEUE_URL": "http://127.0.0.1:9/high",
        "SPOTRENDER_ON_DEMAND_QUEUE_URL": "http://127.0.0.1:9/on-demand",
        "SPOTRENDER_DEAD_LETTER_QUEUE_URL": "http://127.0.0.1:9/dead",
        "SPOTRENDER_INPUT_BUCKET": "input",
        "SPOTRENDER_OUTPUT_BUCKET": "output",
        "SPOTRENDER_SPOT_GROUP": "spot",
        "SPOTRENDER_ON_DEMAND_GROUP": "on-demand",
        "SPOTRENDER_STACK": "farm",
        "SPOTRENDER_TOPIC": "arn:aws:sns:us-east-1:1:topic",
        "SPOTRENDER_FLEET_MIN": "0",
        "SPOTRENDER_FLEET_MAX": "10",
        "SPOTRENDER_TURN_AROUND_SECONDS": "3600",
    }
    data = pathlib.Path(event).read_bytes()
    with rie.Function(path, settings) as function:
        for _ in range(2):
            answer = function.invoke(data)
            error = rie.failure(answer)
            kind = error["errorType"] if error else None
            is_ours = kind is None or (TYPE.fullmatch(kind) and kind not in DEATHS)
            expect(is_ours, f"{path} answers {event}", answer, function.log_text())
            expect(error or json.loads(answer) is not Ellipsis, "a response is JSON")
    with rie.Function(path, {}) as function:
        error = rie.failure(function.invoke(data))
        kind = error["errorType"] if error else "no error"
        expect(
            kind.startswith("Function.") and kind not in DEATHS,
            f"{path} says what it lacks when nothing is set",
            error,
            function.log_text(),
        )
    print(f"ok    {path}: {event}")


def main(arguments):
    if len(arguments) < 2 or len(arguments) % 2:
        sys.exit(__doc__)
    for path, event in zip(arguments[::2], arguments[1::2], strict=True):
        if path == "--echo":
            check_echo(event)
        else:
            check_bootstrap(path, event)


if __name__ == "__main__":
    main(sys.argv[1:])
