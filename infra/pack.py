#!/usr/bin/env python3
"""Packs programs so that the same files give the same bytes: fixed times, owners, modes and order.

pack.py function PROGRAM OUT.zip          a Lambda: the one member `bootstrap`
pack.py worker PROGRAM BOOT OUT.tar.gz    `render-worker` and `worker-boot.sh`
"""

import gzip
import sys
import tarfile
import zipfile
from pathlib import Path


def function(program, archive):
    member = zipfile.ZipInfo("bootstrap", (1980, 1, 1, 0, 0, 0))
    member.external_attr = 0o100755 << 16
    member.create_system = 3
    member.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr(member, Path(program).read_bytes(), compresslevel=9)


def worker(program, boot, archive):
    with (
        open(archive, "wb") as file,
        gzip.GzipFile("", "wb", 9, file, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.USTAR_FORMAT) as out,
    ):
        for name, path in (("render-worker", program), ("worker-boot.sh", boot)):
            member = tarfile.TarInfo(name)
            member.size, member.mode = Path(path).stat().st_size, 0o755
            with open(path, "rb") as source:
                out.addfile(member, source)


if __name__ == "__main__":
    {"function": function, "worker": worker}[sys.argv[1]](*sys.argv[2:])
