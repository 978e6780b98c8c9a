#!/usr/bin/env python3
"""Writes the license texts of everything that the packaged programs contain.

    notices.py CHECKOUTS OUT

CHECKOUTS is SwiftPM's folder of checked-out packages. The other texts come from the Swift toolchain
and from the copyright files of the Debian packages that the programs link statically.
"""

import shutil
import sys
from pathlib import Path

DEBIAN = Path("/usr/share/doc")
# Which Debian package has the static library, and what the library is.
LIBRARIES = {
    "libcurl4-openssl-dev": "libcurl",
    "libssl-dev": "OpenSSL",
    "zlib1g-dev": "zlib",
    "libzstd-dev": "Zstandard",
    "libarchive-dev": "libarchive",
    "nettle-dev": "Nettle",
    "libbz2-dev": "bzip2",
    "liblzma-dev": "liblzma",
    "libexpat1-dev": "Expat",
    "libc6-dev": "GNU C Library",
    "libstdc++-12-dev": "GNU C++ library and libgcc (GCC Runtime Library Exception)",
}
# Foundation contains ICU. The toolchain has no text for it, and Debian's package of ICU has.
ICU = ("libicu72", "ICU, a part of Foundation")
NAMES = ("LICENSE", "NOTICE", "COPYING")
HEAD = """\
Spotrender contains the software below. Each program contains the parts that it uses.

The GNU C Library, Nettle and the GNU C++ library are under the LGPL or under the GPL with an
exception. To link a program with another version of them, build Spotrender from its sources:
`make package`.
"""


def swift_packages(checkouts):
    for package in sorted(path for path in checkouts.iterdir() if path.is_dir()):
        texts = [path for path in sorted(package.iterdir()) if path.name.startswith(NAMES)]
        if not texts:
            sys.exit(f"notices: {package} has no license file.")
        yield f"{package.name} (Swift package)", texts


def swift_runtime():
    compiler = shutil.which("swift")
    if not compiler:
        sys.exit("notices: there is no Swift toolchain in PATH.")
    share = Path(compiler).resolve().parent.parent / "share/swift"
    text = share / "LICENSE.txt"
    if not text.is_file():
        sys.exit(f"notices: the Swift toolchain has no {text}.")
    yield "Swift standard library, Dispatch and Foundation", [text]


def debian_libraries():
    for package, name in [*LIBRARIES.items(), ICU]:
        text = DEBIAN / package / "copyright"
        if text.is_file():
            yield f"{name} (Debian package {package})", [text]
        elif package != ICU[0]:
            sys.exit(f"notices: Debian's package {package} is not installed: there is no {text}.")


def common_licenses():
    """Debian's copyright files refer to these texts instead of repeating them."""
    for name in ("LGPL-2.1", "LGPL-3", "GPL-2", "GPL-3"):
        yield name, [DEBIAN.parent / "common-licenses" / name]


def tables():
    """Data that is built into the programs."""
    yield "Data", [Path(__file__).resolve().parent / "data-licenses.txt"]


def main(checkouts, out):
    parts = [HEAD]
    for source in (
        swift_packages(checkouts),
        swift_runtime(),
        debian_libraries(),
        tables(),
        common_licenses(),
    ):
        for title, texts in source:
            parts.append(f"{'=' * 80}\n{title}\n{'=' * 80}\n")
            parts += [text.read_text(errors="replace").strip("\n") + "\n" for text in texts]
    out.write_text("\n".join(parts))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
