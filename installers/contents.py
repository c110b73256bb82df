"""What a frozen program is made of: which Python package, system package or model each of its files came from."""

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from installers.definition import ROOT, Paths

__all__ = ["Component", "by_name", "components", "licence_of", "models", "python_itself", "sources"]

# Texts for packages that state a licence and bring no text of it.
_TEXTS = {
    "flatbuffers": (ROOT / "LICENSE",),
    "pyside6-essentials": tuple(ROOT / "installers" / "texts" / name for name in ("LGPL-3.0.txt", "GPL-3.0.txt")),
    "shiboken6": tuple(ROOT / "installers" / "texts" / name for name in ("LGPL-3.0.txt", "GPL-3.0.txt")),
}
# What makers call their licence in words of their own, by SPDX's identifier.
_SPDX = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "GNU General Public License v3 (GPLv3)": "GPL-3.0-only",
    "GPL V3.0": "GPL-3.0-only",
    "MIT License": "MIT",
}
_MICROSOFT_TEXT = ROOT / "installers" / "texts" / "microsoft-runtime.txt"
# A line of dpkg's search: "libssl3:amd64: /usr/lib/…", or "a, b: /…".
_OWNER = re.compile(r"^(?P<name>[^:, ]+)[^ ]*: (?P<path>/.*)$")


@dataclass(frozen=True, slots=True)
class Component:
    """One part: its licence as its makers word it ("" where they say nothing), and where their licence texts lie."""

    kind: Literal["python", "system", "runtime", "model"]
    name: str
    version: str
    licence: str
    texts: tuple[Path, ...]
    needs: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """Its package URL."""
        match self.kind:
            case "python":
                return f"pkg:pypi/{_normal(self.name)}@{self.version.replace('+', '%2B')}"
            case "system":
                return f"pkg:deb/debian/{self.name}@{self.version.replace('+', '%2B')}"
            case _:
                return f"pkg:generic/{self.name}@{self.version}"


def sources(contents: Path) -> list[Path]:
    """Return the files that a build took, from the list that the spec wrote."""
    listed = json.loads(contents.read_text(encoding="utf-8"))
    return [Path(origin) for _, origin, kind in listed if kind != "SYMLINK" and origin and origin != "-"]


def components(files: Iterable[Path]) -> list[Component]:
    """Return the parts that files came from, by kind and name; the program's own files are no part.

    Raises RuntimeError where nobody owns a file: a list with a hole in it is worse than none.
    """
    owners = _python_owners()
    found: dict[str, Component] = {}
    system: set[Path] = set()
    for path in files:
        name = owners.get(path) or owners.get(path.resolve())
        if name is not None and path.parent.suffix != ".dist-info":
            found.setdefault(f"python {name}", _python(name))
        elif name is None and _of_python(path):
            found.setdefault("runtime", python_itself())
        elif name is None and sys.platform == "win32" and path.is_relative_to(os.environ["SYSTEMROOT"]):
            found.setdefault("microsoft", _MICROSOFT)
        elif name is None and not (path.is_relative_to(ROOT) or path.is_relative_to(Paths.build)) and path.exists():
            system.add(path)
    # The loader that starts the program.
    found.setdefault("python pyinstaller", _python("pyinstaller"))
    for name in _system_owners(system):
        found.setdefault(f"system {name}", _system(name))
    return sorted(found.values(), key=lambda part: (part.kind, part.name.lower()))


def models(folder: Path) -> list[Component]:
    """Return the models in a folder, with the licence of each."""
    parts = []
    for path in sorted(folder.glob("*/manifest.json")):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        texts = tuple(text for text in (path.parent / "LICENSE", path.parent / "CARD.md") if text.is_file())
        parts.append(Component("model", manifest["id"], manifest["version"], manifest["licence"], texts))
    return parts


_MICROSOFT = Component(
    "runtime", "microsoft-visual-c++-runtime", "14", "Microsoft's terms for distributable code", (_MICROSOFT_TEXT,)
)


# -- Python packages ---------------------------------------------------------------------------------------------------


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _python_owners() -> dict[Path, str]:
    """Return the package that each installed file belongs to."""
    owners: dict[Path, str] = {}
    for distribution in importlib.metadata.distributions():
        name = distribution.metadata["Name"]
        for file in distribution.files or ():
            owners[Path(str(distribution.locate_file(file)))] = name
    return owners


@cache
def _python(name: str) -> Component:
    distribution = importlib.metadata.distribution(name)
    metadata = distribution.metadata
    wanted = re.compile(r"(^|/)(licen[cs]e|copying|notice|third.?party)[^/]*$|\.dist-info/licenses/.+", re.IGNORECASE)
    listed = [
        Path(str(distribution.locate_file(file))) for file in distribution.files or () if wanted.search(str(file))
    ]
    texts = tuple(sorted(path for path in listed if path.is_file() and path.suffix not in {".py", ".pyc", ".so"}))
    texts = texts or _TEXTS.get(_normal(name), ())
    needs = tuple(sorted({_normal(re.split(r"[^A-Za-z0-9._-]", line)[0]) for line in distribution.requires or ()}))
    return Component("python", metadata["Name"], distribution.version, licence_of(metadata), texts, needs)


def licence_of(metadata: Any) -> str:
    """Return the licence that a package states: an SPDX expression, else its own short words, else its classifiers."""
    expression = metadata.get("License-Expression")
    if expression:
        return str(expression)
    stated = str(metadata.get("License") or "").strip()
    if stated and "\n" not in stated and len(stated) < 200 and stated.upper() not in {"UNKNOWN", "LICENSE"}:
        return _SPDX.get(stated, stated)
    classifiers: list[str] = metadata.get_all("Classifier") or []
    found = [line.rpartition(" :: ")[2] for line in classifiers if line.startswith("License :: ")]
    return " AND ".join(_SPDX.get(line, line) for line in found)


def _of_python(path: Path) -> bool:
    """Return whether a file is of Python itself."""
    homes = {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}
    if sys.base_prefix != "/usr":
        # Elsewhere than in Debian it has a folder of its own.
        homes.add(sys.base_prefix)
    inside = any(each.is_relative_to(home) for home in homes for each in (path, path.resolve()))
    return inside or re.match(r"(lib)?python3", path.name) is not None


def python_itself() -> Component:
    """Return the interpreter, with its licence."""
    here = Path(sysconfig.get_path("stdlib"))
    debian = Path(f"/usr/share/doc/libpython3.{sys.version_info.minor}-minimal/copyright")
    texts = [path for path in (here / "LICENSE.txt", Path(sys.base_prefix) / "LICENSE.txt", debian) if path.is_file()]
    return Component("runtime", "python", ".".join(map(str, sys.version_info[:3])), "PSF-2.0", tuple(texts[:1]))


# -- system packages ---------------------------------------------------------------------------------------------------


def _system_owners(paths: Iterable[Path]) -> set[str]:
    """Return the system packages of files; dpkg knows some by their place of old (/lib for /usr/lib)."""
    missing = {path for path in paths if path.is_file()}
    if not missing:
        return set()
    if shutil.which("dpkg-query") is None:
        raise RuntimeError(f"nobody owns {sorted(map(str, missing))[:5]}, and there is no dpkg to ask")
    names: set[str] = set()
    for path in sorted(missing):
        real = path.resolve()
        places = {str(path), str(real), str(path).removeprefix("/usr"), str(real).removeprefix("/usr")}
        done = subprocess.run(["dpkg-query", "-S", *places], capture_output=True, text=True, check=False)
        found = [match["name"] for line in done.stdout.splitlines() if (match := _OWNER.match(line))]
        if not found:
            raise RuntimeError(f"nobody owns {path}; leave it out or say in installers/contents.py where it is from")
        names.update(found[:1])
    return names


def _system(name: str) -> Component:
    done = subprocess.run(["dpkg-query", "-W", "-f=${Version}\n", name], capture_output=True, text=True, check=True)
    copyright_file = Path("/usr/share/doc") / name / "copyright"
    texts = (copyright_file,) if copyright_file.is_file() else ()
    return Component("system", name, done.stdout.splitlines()[0], _debian_licences(texts), texts)


def _debian_licences(texts: tuple[Path, ...]) -> str:
    """Return the short names in a copyright file that machines can read, "" in another one."""
    if not texts or "copyright-format" not in texts[0].read_text(encoding="utf-8", errors="replace")[:400]:
        return ""
    text = texts[0].read_text(encoding="utf-8", errors="replace")
    return " AND ".join(sorted(set(re.findall(r"^License: (\S[^\n]*)$", text, flags=re.MULTILINE)))[:8])


def by_name(parts: Iterable[Component]) -> Mapping[str, Component]:
    """Return Python packages by the name that requirements call them."""
    return {_normal(part.name): part for part in parts if part.kind == "python"}
