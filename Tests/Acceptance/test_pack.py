"""Packing, which must give the same bytes for the same programs: what is uploaded is named after
its content.

    .venv/bin/python Tests/Acceptance/test_pack.py
"""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from harness import INFRA

PACK = INFRA / "pack.py"


class Packing(unittest.TestCase):
    def packed(self, mtime, umask, zone):
        """Both packages of equal programs, by a machine where everything else differs."""
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        program, boot = folder / f"program-{umask}", folder / "boot.sh"
        program.write_bytes(bytes(range(256)) * 4096)
        boot.write_text("#!/bin/bash\n")
        for path in (program, boot):
            path.chmod(0o777 & ~umask)
            os.utime(path, (mtime, mtime))
        packages = folder / "out.zip", folder / "out.tar.gz"
        for command in (("function", program, packages[0]), ("worker", program, boot, packages[1])):
            subprocess.run(
                [sys.executable, PACK, *command],
                check=True,
                umask=umask,
                env={"TZ": zone},
                cwd=folder,
            )
        return [path.read_bytes() for path in packages]

    def test_gives_the_same_bytes_whenever_wherever_and_whoever_packs(self):
        self.assertEqual(
            self.packed(1_000_000_000, 0o022, "UTC"),
            self.packed(1_700_000_001, 0o077, "Asia/Tokyo"),
        )


if __name__ == "__main__":
    unittest.main()
