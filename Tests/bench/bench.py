#!/usr/bin/env python3
"""Measures the farm's overhead in one run on this machine, and prints a small table.

    bench.py [--rounds N] [--invocations N] [--skip-render]

  render      the farm's Blender engine against `blender -b SCENE -a` on the same four frames, in
              turns, so that both have the same load: the median and the spread of the rounds'
              ratios of elapsed time, and of processor time, which other programs disturb less
  resident    one task per frame of about 5 s: the farm's resident Blender against `blender -a`, at
              most 1.03; and against a new Blender for each task
  slices      one frame of the demo's scene, 64 samples: the processor time of 4 slices and their
              merge against one render's
  cold start  of each packaged Lambda, from spawn to its first `next`; sizes of bootstrap and zip
  inspect     `spotrender inspect` of half a gigabyte, and its peak memory: uncompressed; in
              Zstandard as Blender 3.0 and later save, with small meshes (each frame has a block's
              head) and with large meshes (most frames are skipped); in gzip as older versions save
              (everything is unpacked, twice)
  loop        one invocation of the job-splitter without AWS, from the answer to `next` to the
              following `next`, with the response between them

Needs `make package`. Compare ratios only: times depend on this machine and its load.
"""

import argparse
import gzip
import http.server
import itertools
import json
import os
import queue
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LAMBDAS = ["job-splitter", "spot-interruption-handler", "fleet-scaler"]
# The demo's scene with fewer samples, and a scene so small that Blender's start dominates.
SCENES = {"tiny": ["--tiny"], "demo, 4 samples": ["--samples", "4"]}
FRAMES = range(1, 5)
RESIDENT_SAMPLES = 28
RESIDENT_RATIO_MAX = 1.03
SLICED_SAMPLES, SLICES = 64, 4
RENDER_SECONDS_MAX = 600
START_SECONDS_MAX = 10
# The programs need these settings, but call nothing.
SETTINGS = {
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
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


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--rounds", type=int, default=5, help="pairs of renders of each scene; starts x 4"
    )
    parser.add_argument("--invocations", type=int, default=500)
    parser.add_argument("--skip-render", action="store_true", help="only the Lambdas")
    return parser.parse_args()


def run(command, **options):
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=RENDER_SECONDS_MAX,
        **options,
    )
    if done.returncode != 0:
        sys.exit(f"{command[0]} ended with status {done.returncode}:\n{done.stdout[-2000:]}")
    return done.stdout


def quantile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


# --- Render ---------------------------------------------------------------------------------------


def build_engine():
    """Builds the engine as it is shipped: optimised and static, like `make package`."""
    build = [
        "swift",
        "build",
        "-c",
        "release",
        "--scratch-path",
        ".build/static",
        "-Xswiftc",
        "-static-executable",
        "--product",
        "engine-bench",
    ]
    environment = os.environ | {"SPOTRENDER_STATIC": "1"}
    subprocess.run(build, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    folder = subprocess.run(
        [*build, "--show-bin-path"],
        cwd=ROOT,
        env=environment,
        check=True,
        text=True,
        stdout=subprocess.PIPE,
    ).stdout.strip()
    return str(Path(folder) / "engine-bench")


def processor_seconds():
    """Of all that this program started and that has ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def timed_render(command, folder, frames=FRAMES):
    """Elapsed and processor seconds."""
    folder.mkdir()
    start, spent = time.monotonic(), processor_seconds()
    output = run(command)
    figures = time.monotonic() - start, processor_seconds() - spent
    # Blender's exit status says nothing: the pictures do.
    missing = [n for n in frames if not (folder / f"frame_{n:04}.png").is_file()]
    if missing:
        sys.exit(f"{command[0]} left out frames {missing}:\n{output[-2000:]}")
    shutil.rmtree(folder)
    return figures


def compare_renders(engine, rounds, scratch):
    for name, options in SCENES.items():
        scene = scratch / f"{name.partition(',')[0]}.blend"
        run(
            [
                "blender",
                "-b",
                "--factory-startup",
                "--python",
                str(ROOT / "infra/demo/make_scene.py"),
                "--",
                str(scene),
                "--frames",
                f"{FRAMES[0]}-{FRAMES[-1]}",
                *options,
            ]
        )
        folder = scratch / "frames"
        plain = [
            "blender",
            "-b",
            "--factory-startup",
            str(scene),
            "-o",
            f"{folder}/frame_####",
            "-F",
            "PNG",
            "-x",
            "1",
            "-a",
        ]
        ours = [engine, str(scene), str(folder)]
        pairs = []
        for number in range(rounds + 1):
            # Whoever comes second finds a warmer machine, so they take turns.
            order = [("plain", plain), ("ours", ours)]
            figures = {
                which: timed_render(command, folder)
                for which, command in (order if number % 2 else reversed(order))
            }
            # The first round only fills the page cache.
            if number > 0:
                pairs.append((figures["ours"], figures["plain"]))
        for place, what in enumerate(("elapsed", "processor")):
            ours_seconds, plain_seconds = ([p[side][place] for p in pairs] for side in (0, 1))
            ratios = [mine / other for mine, other in zip(ours_seconds, plain_seconds, strict=True)]
            print(
                f"render      {name + ', ' + what:<28}"
                f"engine {statistics.median(ours_seconds):6.2f} s"
                f"   blender -a {statistics.median(plain_seconds):6.2f} s   ratio"
                f" {statistics.median(ratios):.3f}"
                f" ({min(ratios):.3f} to {max(ratios):.3f}, {rounds} pairs)",
                flush=True,
            )


def compare_residents(engine, rounds, scratch):
    scene, folder = scratch / "resident.blend", scratch / "resident"
    run(
        [
            "blender",
            "-b",
            "--factory-startup",
            "--python",
            str(ROOT / "infra/demo/make_scene.py"),
            "--",
            str(scene),
            "--frames",
            f"{FRAMES[0]}-{FRAMES[-1]}",
            "--samples",
            str(RESIDENT_SAMPLES),
        ]
    )
    ways = {
        "plain": [
            "blender",
            "-b",
            "--factory-startup",
            str(scene),
            "-o",
            f"{folder}/frame_####",
            "-F",
            "PNG",
            "-x",
            "1",
            "-a",
        ],
        "kept": [engine, "--each", str(scene), str(folder)],
        "anew": [engine, "--each-anew", str(scene), str(folder)],
    }
    seconds = {way: [] for way in ways}
    for number in range(rounds):
        # In another order each time.
        names = list(ways)[number % 3 :] + list(ways)[: number % 3]
        for way in names:
            seconds[way].append(timed_render(ways[way], folder)[0])
    frame = statistics.median(seconds["plain"]) / len(FRAMES)
    ratios = [kept / plain for kept, plain in zip(seconds["kept"], seconds["plain"], strict=True)]
    savings = [1 - kept / anew for kept, anew in zip(seconds["kept"], seconds["anew"], strict=True)]
    medians = {way: statistics.median(values) for way, values in seconds.items()}
    print(
        f"resident    {f'demo, {frame:.1f} s frames, elapsed':<28}kept {medians['kept']:6.2f} s"
        f"   blender -a {medians['plain']:6.2f} s   ratio {statistics.median(ratios):.3f}"
        f" ({min(ratios):.3f} to {max(ratios):.3f}, {rounds} rounds;"
        f" wanted: {RESIDENT_RATIO_MAX})\n"
        f"resident    {'a Blender for each task':<28}anew {medians['anew']:6.2f} s   keeping saves"
        f" {statistics.median(savings):.1%} ({min(savings):.1%} to {max(savings):.1%})",
        flush=True,
    )


def compare_slices(engine, rounds, scratch):
    scene, folder = scratch / "slices.blend", scratch / "slices"
    run(
        [
            "blender",
            "-b",
            "--factory-startup",
            "--python",
            str(ROOT / "infra/demo/make_scene.py"),
            "--",
            str(scene),
            "--frames",
            "1-1",
        ]
    )
    whole = [engine, str(scene), str(folder), str(SLICED_SAMPLES)]
    sliced = [*whole, str(SLICES)]
    pairs = []
    for number in range(rounds):
        order = [whole, sliced]
        figures = {
            len(command): timed_render(command, folder, range(1, 2))[1]
            for command in (order if number % 2 else reversed(order))
        }
        pairs.append((figures[len(sliced)], figures[len(whole)]))
    ratios = [mine / other for mine, other in pairs]
    print(
        f"slices      {f'demo, {SLICED_SAMPLES} samples, processor':<28}{SLICES} and merge"
        f" {statistics.median(mine for mine, _ in pairs):.2f} s   one render"
        f" {statistics.median(other for _, other in pairs):.2f} s   ratio"
        f" {statistics.median(ratios):.3f}"
        f" ({min(ratios):.3f} to {max(ratios):.3f}, {rounds} pairs)",
        flush=True,
    )


# --- Inspect --------------------------------------------------------------------------------------


def measure_inspect(rounds, scratch):
    paths = plain, packed, old, sparse = [
        scratch / f"{name}.blend" for name in ("plain", "zstandard", "gzip", "large meshes")
    ]
    for meshes, target in ((60, sparse), (600, packed)):
        run(
            [
                "blender",
                "-b",
                "--factory-startup",
                "--python",
                str(ROOT / "Tests/bench/make_large.py"),
                "--",
                str(meshes),
                str(plain),
                str(target),
            ]
        )
    with plain.open("rb") as source, gzip.open(old, "wb", compresslevel=1) as target:
        shutil.copyfileobj(source, target, 1 << 20)
    for path in paths:
        seconds, kilobytes = [], 0
        for _ in range(rounds + 1):
            start = time.monotonic()
            process = subprocess.Popen(
                [str(ROOT / "dist/spotrender"), "inspect", "--json", str(path)],
                stdout=subprocess.DEVNULL,
            )
            _, status, usage = os.wait4(process.pid, 0)
            if status != 0:
                sys.exit(f"spotrender inspect {path.name} ended with status {status}.")
            seconds.append(time.monotonic() - start)
            kilobytes = max(kilobytes, usage.ru_maxrss)
        seconds = seconds[1:]  # the first fills the page cache
        print(
            f"inspect     {f'{path.stem}, {path.stat().st_size / 1e6:.0f} MB':<27}"
            f"{statistics.median(seconds):6.3f} s"
            f" ({min(seconds):.3f} to {max(seconds):.3f}, {rounds} rounds)"
            f"   {kilobytes / 1e3:.0f} MB of memory",
            flush=True,
        )


# --- Lambdas --------------------------------------------------------------------------------------


class RuntimeAPI(http.server.BaseHTTPRequestHandler):
    """Answers `next` with the event while invocations are left; notes when each `next` came."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.server.asked.put(time.monotonic())
        if self.server.left == 0:
            self.server.is_over.wait()
            return
        self.server.left -= 1
        self.answer(
            200,
            self.server.event,
            {
                "Lambda-Runtime-Aws-Request-Id": f"request-{self.server.left}",
                "Lambda-Runtime-Deadline-Ms": str(int(time.time() * 1000) + 60_000),
            },
        )

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self.path.endswith("/response"):
            self.server.errors.append(body)
        self.answer(202, b"{}", {})

    def answer(self, status, body, headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def serve(program, event, invocations):
    """Seconds from spawn to each `next`."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), RuntimeAPI) as server:
        server.daemon_threads = True
        server.asked, server.errors, server.is_over = queue.Queue(), [], threading.Event()
        server.event, server.left = event, invocations
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        environment = SETTINGS | {"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_port}"}
        start = time.monotonic()
        process = subprocess.Popen(
            [program],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            moments = [
                server.asked.get(timeout=START_SECONDS_MAX) - start for _ in range(invocations + 1)
            ]
        except queue.Empty:
            sys.exit(f"{program} did not ask for an invocation within {START_SECONDS_MAX} s.")
        finally:
            process.kill()
            process.wait()
            server.is_over.set()
            server.shutdown()
        if server.errors:
            sys.exit(f"{program} answered with an error: {server.errors[0].decode()}")
        return moments


def measure_lambdas(starts, invocations, scratch):
    programs = {}
    for name in LAMBDAS:
        archive = ROOT / "dist" / f"{name}.zip"
        if not archive.is_file():
            sys.exit(f"{archive} is not there: run `make package` first.")
        programs[name] = scratch / name
        with zipfile.ZipFile(archive) as zipped:
            programs[name].write_bytes(zipped.read("bootstrap"))
        programs[name].chmod(0o755)
        serve(programs[name], b"{}", 0)  # into the page cache
        seconds = [serve(programs[name], b"{}", 0)[0] for _ in range(starts)]
        print(
            f"cold start  {name:<27}{statistics.median(seconds) * 1000:6.1f} ms"
            f" ({min(seconds) * 1000:.1f} to {max(seconds) * 1000:.1f}, {starts} starts)"
            f"   bootstrap {programs[name].stat().st_size / 1e6:.1f} MB"
            f"   zip {archive.stat().st_size / 1e6:.1f} MB",
            flush=True,
        )
    event = json.dumps(json.loads((ROOT / "events/s3-test-event.json").read_text())).encode()
    moments = serve(programs["job-splitter"], event, invocations)
    loops = [later - sooner for sooner, later in itertools.pairwise(moments)]
    print(
        f"loop        job-splitter, test event    p50 {quantile(loops, 0.5) * 1e6:.0f} us"
        f"   p99 {quantile(loops, 0.99) * 1e6:.0f} us ({invocations} invocations,"
        " this server's own time included)",
        flush=True,
    )


def main():
    args = arguments()
    with tempfile.TemporaryDirectory(prefix="spotrender-bench-") as folder:
        scratch = Path(folder)
        measure_lambdas(args.rounds * 4, args.invocations, scratch)
        measure_inspect(args.rounds, scratch)
        if not args.skip_render:
            engine = build_engine()
            compare_renders(engine, args.rounds, scratch)
            compare_residents(engine, args.rounds, scratch)
            compare_slices(engine, args.rounds, scratch)


if __name__ == "__main__":
    main()
