"""Which of the system's libraries a frozen program loads, and the Debian packages that bring them."""

import re
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from installers.setup_environment import QT_LIBRARIES

__all__ = ["Needed", "debian_packages", "elf_files", "needed", "read_dump"]

_ELF = b"\x7fELF"
_NEEDED = re.compile(r"^\s+NEEDED\s+(\S+)", re.MULTILINE)
_VERSION = re.compile(r"\bGLIBC_(\d+)\.(\d+)(?:\.\d+)?\b")
# Part of the C library's package, whatever their names.
_C_LIBRARY = re.compile(r"(ld-linux.*|lib(c|m|dl|rt|pthread|util|resolv|nsl|anl))\.so.*")
# Libraries that only one of several ways to a screen loads: not having them is no fault.
_OPTIONAL = {
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
}
_PACKAGES = {
    **QT_LIBRARIES,
    "libEGL.so.1": "libegl1",
    "libGLX.so.0": "libglx0",
    "libOpenGL.so.0": "libopengl0",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libbrotlicommon.so.1": "libbrotli1",
    "libbrotlidec.so.1": "libbrotli1",
    "libcrypt.so.1": "libcrypt1",
    "libdrm.so.2": "libdrm2",
    "libfreetype.so.6": "libfreetype6",
    "libgcc_s.so.1": "libgcc-s1",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libstdc++.so.6": "libstdc++6",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb.so.1": "libxcb1",
}


@dataclass(frozen=True, slots=True)
class Needed:
    """Names of libraries that are loaded and not brought along, and the oldest C library that will do."""

    libraries: frozenset[str]
    c_library: tuple[int, int]


def elf_files(program: Path) -> list[Path]:
    """Return the programs and libraries in a folder."""
    found = []
    for path in sorted(program.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as stream:
                if stream.read(4) == _ELF:
                    found.append(path)
    return found


def needed(program: Path) -> Needed:
    """Return what the files of a frozen program load from the system."""
    files = elf_files(program)
    brought = {path.name for path in program.rglob("*")}
    wanted: set[str] = set()
    newest = (0, 0)
    for begin in range(0, len(files), 40):
        libraries, version = read_dump(_dump(files[begin : begin + 40]))
        wanted |= libraries
        newest = max(newest, version)
    outside = {name for name in wanted - brought if not _C_LIBRARY.fullmatch(name)}
    return Needed(frozenset(outside), newest)


def _dump(files: Sequence[Path]) -> str:
    done = subprocess.run(["objdump", "-p", *map(str, files)], capture_output=True, text=True, check=True)
    return done.stdout


def read_dump(text: str) -> tuple[set[str], tuple[int, int]]:
    """Return the libraries that ``objdump -p`` names, and the newest version of the C library's symbols."""
    versions = [(int(major), int(minor)) for major, minor in _VERSION.findall(text)]
    return set(_NEEDED.findall(text)), max(versions, default=(0, 0))


def debian_packages(libraries: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the packages that must be there, and those that only some screens need.

    Raises RuntimeError for a library that no package is known for: the program would not start where it is absent.
    """
    unknown = sorted(name for name in libraries if name not in _PACKAGES and name not in _OPTIONAL)
    if unknown:
        raise RuntimeError(f"no Debian package is known for {', '.join(unknown)}; name it in installers/libraries.py")
    must = sorted({_PACKAGES[name] for name in libraries if name in _PACKAGES})
    may = sorted({_OPTIONAL[name] for name in libraries if name in _OPTIONAL})
    return must, may
