#!/usr/bin/env python3
"""Packs files so that equal files give equal bytes: times, owners, modes and order are fixed.

pack.py function PROGRAM OUT.zip          a Lambda: the one member `bootstrap`
pack.py worker PROGRAM BOOT OUT.tar.gz    `render-worker` and `worker-boot.sh`
pack.py release FOLDER OUT.tar.gz FILE…   files with their paths, below FOLDER
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


def tarball(archive, members):
    """`members` has (name, path, mode), in the order in which they are packed."""
    with (
        open(archive, "wb") as file,
        gzip.GzipFile("", "wb", 9, file, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.USTAR_FORMAT) as out,
    ):
        for name, path, mode in members:
            member = tarfile.TarInfo(name)
            member.size, member.mode = Path(path).stat().st_size, mode
            with open(path, "rb") as source:
                out.addfile(member, source)


def worker(program, boot, archive):
    tarball(archive, [("render-worker", program, 0o755), ("worker-boot.sh", boot, 0o755)])


def release(folder, archive, *files):
    """Each file with its path, below `folder`. Programs stay executable."""
    members = []
    for file in sorted(files):
        mode = 0o755 if Path(file).stat().st_mode & 0o100 else 0o644
        members.append((f"{folder}/{file}", file, mode))
    tarball(archive, members)


if __name__ == "__main__":
    {"function": function, "worker": worker, "release": release}[sys.argv[1]](*sys.argv[2:])
