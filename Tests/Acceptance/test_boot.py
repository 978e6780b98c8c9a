"""The instance's first minute, as user data begins it, in a copy-on-write root of this machine.

    sudo .venv/bin/python Tests/Acceptance/test_boot.py

Real: the template's user data, the tarball, worker-boot.sh, the checksum, unpacking, the user, the
files, systemd's own check of the unit. Stood in for, and recorded: dnf, systemctl, shutdown, the
log agent's control program, and `aws s3 cp`, which copies from a folder. Needs root, for the mount.
"""

import hashlib
import os
import re
import shutil
import stat
import subprocess
import tarfile
import tempfile
import unittest
from pathlib import Path

from harness import INFRA

import pack
from stacks import template

AGENT = "opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl"
RECORD = '#!/bin/sh\necho "$(basename "$0") $*" >> /calls\n'
COPY = (
    '#!/bin/sh\n[ "$1 $2 $3" = "s3 cp --only-show-errors" ] && '
    'cp "/bucket/${4#s3://artifacts/}" "$5"\n'
)
# Prints its user, its arguments and its setting.
WORKER = '#!/bin/sh\necho "$(id -un) $* $SPOTRENDER_SANDBOX"\n'
FAILING = "#!/bin/sh\necho spotrender: no sandbox here >&2\nexit 1\n"
VALUES = {
    "AWS::Region": "us-east-1",
    "ArtifactsBucket": "artifacts",
    "WorkerKey": "code/worker.tar.gz",
    "WorkerLogs": "/spotrender/farm/render-worker",
}


def user_data(**values):
    text = template("fleet").partition("Fn::Base64: !Sub |\n")[2]
    lines = []
    for line in text.splitlines():
        if line and not line.startswith(" " * 12):
            break
        lines.append(line[12:])
    return re.sub(
        r"\$\{([A-Za-z:0-9]+)\}",
        lambda found: (VALUES | values).get(found[1], "some"),
        "\n".join(lines),
    )


def program(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)


@unittest.skipUnless(os.geteuid() == 0, "needs root, to mount a root of its own")
class Boot(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        # A file system of its own: an overlay can't lie on another.
        upper = self.folder / "memory"
        upper.mkdir()
        self.mount("-t", "tmpfs", "tmpfs", upper)
        for name in ("upper", "work"):
            (upper / name).mkdir()
        self.root = self.folder / "root"
        self.root.mkdir()
        self.mount(
            "-t",
            "overlay",
            "overlay",
            "-o",
            f"lowerdir=/,upperdir={upper}/upper,workdir={upper}/work",
            self.root,
        )
        for name in ("dnf", "systemctl", "shutdown"):
            program(self.root / "usr/local/sbin" / name, RECORD)
        program(self.root / AGENT, RECORD)
        program(self.root / "usr/local/sbin/aws", COPY)
        self.fill_bucket()

    def mount(self, *arguments):
        subprocess.run(["mount", *arguments], check=True)
        self.addCleanup(subprocess.run, ["umount", arguments[-1]], check=True)

    def pack_worker(self, text):
        program(self.folder / "render-worker", text)
        pack.worker(
            self.folder / "render-worker",
            INFRA / "worker-boot.sh",
            self.root / "bucket/code/worker.tar.gz",
        )

    def fill_bucket(self):
        (self.root / "bucket/code").mkdir(parents=True)
        self.pack_worker(WORKER)
        self.blenders = " ".join(self.release(version) for version in ("4.5.15", "5.0.1"))

    def release(self, version, sha256=None):
        """The key of a release in the bucket, whose Blender says that it is this version."""
        name = f"blender-{version}-linux-x64"
        program(self.folder / name / "blender", f"#!/bin/sh\necho Blender {version}\n")
        archived = self.folder / f"{name}.tar.xz"
        with tarfile.open(archived, "w:xz") as archive:
            archive.add(self.folder / name, name)
        key = (
            f"blender/{sha256 or hashlib.sha256(archived.read_bytes()).hexdigest()}/{archived.name}"
        )
        stored = self.root / "bucket" / key
        stored.parent.mkdir(parents=True)
        shutil.move(archived, stored)
        return key

    def boot(self, **values):
        (self.root / "user-data").write_text(user_data(**values))
        done = subprocess.run(
            ["chroot", self.root, "/bin/bash", "/user-data"],
            capture_output=True,
            text=True,
            env={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
        )
        calls = self.root / "calls"
        return done, calls.read_text().splitlines() if calls.exists() else []

    def test_ends_with_a_worker_under_systemd(self):
        done, calls = self.boot(Blenders=self.blenders, Sandbox="required")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(
            sorted(done.stdout.splitlines()),
            ["Blender 4.5.15", "Blender 5.0.1", "spotrender --try-sandbox required"],
        )
        for version in ("4.5.15", "5.0.1"):
            self.assertTrue((self.root / f"opt/blender/{version}/blender").is_file())
        self.assertEqual(
            [call.split()[0] for call in calls],
            ["dnf", "dnf", "dnf", "systemctl", "amazon-cloudwatch-agent-ctl", "systemctl"],
        )
        self.assertEqual(calls[-1], "systemctl enable --now render-worker")
        self.assertIn(
            '"log_group_name": "/spotrender/farm/render-worker"',
            (self.root / "etc/spotrender/logs.json").read_text(),
        )
        check = subprocess.run(
            [
                "chroot",
                self.root,
                "systemd-analyze",
                "verify",
                "/etc/systemd/system/render-worker.service",
            ],
            capture_output=True,
            text=True,
        )
        self.assertEqual(check.returncode, 0, check.stderr)
        self.assertNotIn("render-worker.service", check.stderr)
        work = subprocess.run(
            ["chroot", self.root, "stat", "-c", "%U %a", "/var/lib/spotrender"],
            capture_output=True,
            text=True,
        )
        self.assertEqual(work.stdout, "spotrender 700\n")

    def test_may_be_run_again(self):
        self.boot(Blenders=self.blenders)
        done, _ = self.boot(Blenders=self.blenders)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_shuts_down_rather_than_render_with_another_blender(self):
        other = self.release("4.2.23", sha256="0" * 64)
        for blenders in (f"{other} {self.blenders}", f"{self.blenders} {other}"):
            done, calls = self.boot(Blenders=blenders)
            self.assertNotEqual(done.returncode, 0)
            self.assertTrue(calls[-1].startswith("shutdown -h +1"), calls)
            self.assertFalse((self.root / "opt/blender/4.2.23").exists())

    def test_shuts_down_without_a_sandbox_and_says_why(self):
        self.pack_worker(FAILING)
        done, calls = self.boot(Blenders=self.blenders, Sandbox="required")
        self.assertIn("no sandbox here", done.stderr)
        self.assertTrue(calls[-1].startswith("shutdown -h +1"), calls)
        self.assertFalse((self.root / "etc/systemd/system/render-worker.service").exists())

    def test_shuts_down_without_a_release(self):
        done, calls = self.boot(Blenders="")
        self.assertIn("the stack has no Blender", done.stderr)
        self.assertEqual([call.split()[0] for call in calls], ["shutdown"])

    def test_shuts_down_when_the_worker_is_not_there(self):
        _, calls = self.boot(Blenders=self.blenders, WorkerKey="code/gone.tar.gz")
        self.assertEqual([call.split()[0] for call in calls], ["shutdown"])


if __name__ == "__main__":
    unittest.main()
