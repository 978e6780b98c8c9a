"""A proxy in front of the AWS APIs that randomly fails, delays, repeats and holds calls."""

import collections
import http.client
import http.server
import random
import socketserver
import threading
import time
import urllib.parse

# Chance of each fault, for each call. The rest goes through untouched.
CHANCES = {
    "refused": 0.03,  # the call never arrives
    "unanswered": 0.03,  # it arrives, its answer is lost
    "unavailable": 0.02,  # the service says 503
    "delayed": 0.08,
    "doubled": 0.03,  # it arrives twice, the second answer counts
    "held": 0.03,  # it seems lost, is made again, and arrives when nobody thinks of it any more
}
DELAY_SECONDS_MAX = 4
# Longer than a lease lasts and its task takes: a write that was right is wrong by then.
HOLD_SECONDS = (2, 20)
CALL_SECONDS_MAX = 60


class FaultProxy:
    """Forwards calls to `endpoint` from its own port until it is closed."""

    def __init__(self, endpoint, seed):
        self.target = urllib.parse.urlsplit(endpoint).netloc
        self.random = random.Random(seed)
        self.lock = threading.Lock()
        self.counts = collections.Counter()
        self.is_calm = False
        self.held = []
        self.server = Server(("127.0.0.1", 0), Call)
        self.server.proxy = self
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def hold(self, call):
        """Makes a call later, in its own thread."""
        with self.lock:
            timer = threading.Timer(self.random.uniform(*HOLD_SECONDS), call)
            self.held.append(timer)
        timer.start()

    def release(self):
        """Waits until no call is held."""
        for timer in self.held:
            timer.join()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def draw(self):
        """Returns the next call's fault, or None, and its delay in seconds."""
        with self.lock:
            chance, delay = self.random.random(), self.random.uniform(0, DELAY_SECONDS_MAX)
            self.counts["calls"] += 1
            if self.is_calm:
                return None, 0
            for fault, share in CHANCES.items():
                if chance < share:
                    self.counts[fault] += 1
                    return fault, delay
                chance -= share
        return None, 0


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """The test kills clients in the middle of calls on purpose."""


class Call(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def handle_call(self):
        proxy = self.server.proxy
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault, delay = proxy.draw()
        if fault == "refused":
            self.close_connection = True
            return
        if fault == "held":
            proxy.hold(lambda: self.forward(body))
            self.close_connection = True
            return
        if fault == "unavailable":
            self.answer(
                503, {"Content-Type": "application/json"}, b'{"__type":"ServiceUnavailable"}'
            )
            return
        if fault == "delayed":
            time.sleep(delay)
        status, headers, content = self.forward(body)
        if fault == "doubled":
            status, headers, content = self.forward(body)
        if fault == "unanswered":
            self.close_connection = True
            return
        self.answer(status, headers, content)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_call

    def forward(self, body):
        connection = http.client.HTTPConnection(self.server.proxy.target, timeout=CALL_SECONDS_MAX)
        try:
            connection.putrequest(
                self.command, self.path, skip_host=True, skip_accept_encoding=True
            )
            for name, value in self.headers.items():
                if name.lower() not in ("connection", "expect", "transfer-encoding"):
                    connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def answer(self, status, headers, content):
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in (
                "connection",
                "transfer-encoding",
                "content-length",
                "keep-alive",
            ):
                self.send_header(name, value)
        length = headers.get("Content-Length") or headers.get("content-length")
        self.send_header(
            "Content-Length", length if self.command == "HEAD" and length else str(len(content))
        )
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
