"""Builds what people install, in the environment of ``make installer`` (installers/setup_environment.py).

    python -m installers.build [linux | frozen | sums]

``frozen`` makes the program's folder alone, for the scripts of Windows and macOS, which then ask for ``sums``;
``linux``, the default, makes the Debian package and the portable archive of it as well. Results are in dist/.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path

from installers import bundled_models, contents, debian, definition, icons, libraries, licences, sbom
from installers.definition import PROGRAM, ROOT, Paths

__all__ = ["main"]

# What must never be in the program that every computer runs.
_CUDA = re.compile(r"lib(cuda|cudart|cublas|cudnn|cufft|nccl|nvrtc|torch_cuda)")
_TEST = re.compile(r"(^|/)(tests?|conftest\.py|_pytest)(/|$)")
_README = """{name} {version}

Start it with ./{program} in this folder, or make a link to it where your programs are; `{program} doctor` tells what
is missing on this computer. It needs the libraries of a Linux desktop and glibc {glibc} or newer, and no Python.
To remove it, delete this folder. Research use only; not a medical device.
"""


def say(text: str) -> None:
    """Write one line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def freeze() -> None:
    """Make the program's folder, with its licences and its list of parts, and start it once.

    Raises RuntimeError where something is in it that must not be, or where it does not start.
    """
    for folder in (Paths.frozen, Paths.scratch):
        shutil.rmtree(folder, ignore_errors=True)
    Paths.dist.mkdir(parents=True, exist_ok=True)
    icons.draw(Paths.icons)
    _prepare_models()
    (Paths.build / "build.json").write_text(json.dumps(definition.build_information(), indent=1) + "\n")
    say("Freezing the program (minutes)")
    spec = ROOT / "installers" / f"{PROGRAM}.spec"
    options = ["--noconfirm", "--log-level", "WARN", "--distpath", str(Paths.frozen), "--workpath", str(Paths.scratch)]
    _run([sys.executable, "-m", "PyInstaller", *options, str(spec)], environment={"PYTHONHASHSEED": "1"})
    if sys.platform == "linux":
        _strip(Paths.program)
    _check(Paths.program)
    _describe()
    started = _run([_executable(), "--version"], quiet=True)
    if definition.version() not in started:
        raise RuntimeError(f"The frozen program says of itself: {started!r}")


def _prepare_models() -> None:
    """Put the models that may be shipped into the build, and write an archive of the others."""
    shipped, others = bundled_models.divide(ROOT / "resources" / "models")
    bundled_models.copy(shipped, Paths.models)
    if others:
        archive = Paths.dist / f"{PROGRAM}-models-noncommercial-{definition.version()}.zip"
        bundled_models.write_archive(others, archive)
        say(f"{archive.name}: {', '.join(folder.name for folder in others)}")


def _strip(program: Path) -> None:
    """Take the names of functions out of libraries that were left with them."""
    inside = program / "_internal"
    for path in sorted(inside.rglob("*.so*")):
        place = path.relative_to(inside).as_posix()
        if not path.is_symlink() and any(fnmatch(place, pattern) for pattern in definition.STRIPPED_FILES):
            _run(["strip", "--strip-unneeded", str(path)])


def _check(program: Path) -> None:
    """Raise RuntimeError where a link leads nowhere, or where tests, CUDA or a model that is not shipped got in."""
    paths = list(program.rglob("*"))
    broken = [path for path in paths if path.is_symlink() and not path.exists()]
    names = [path.relative_to(program).as_posix() for path in paths]
    unwanted = [name for name in names if _TEST.search(name)]
    for folder in program.glob("**/resources/models"):
        unwanted += [path.relative_to(program).as_posix() for path in bundled_models.divide(folder)[1]]
    if not definition.flavour():
        unwanted += [name for name in names if _CUDA.search(name.rpartition("/")[2])]
    if broken or unwanted:
        raise RuntimeError(f"These must not be in the program: {[str(path) for path in broken] + unwanted}")


def _describe() -> None:
    """Put licences and the list of parts into the program's folder, the latter beside the artefacts as well."""
    shipped = contents.components(contents.sources(Paths.contents))
    models = contents.models(Paths.models)
    folder = Paths.program / "licences"
    silent = licences.collect([*shipped, *models], folder)
    if silent:
        raise RuntimeError(f"There is no licence text for {', '.join(silent)}; see installers/contents.py.")
    shutil.copyfile(ROOT / "LICENSE", folder / "LICENSE")
    weights = {part.name: _sha256(Paths.models / part.name / "weights.safetensors") for part in models}
    document = Paths.dist / definition.artefact(_system(), ".cdx.json")
    sbom.write([*shipped, *models], document, weights)
    shutil.copyfile(document, folder / "sbom.cdx.json")


def _system() -> str:
    return {"linux": "linux", "darwin": "macos", "win32": "windows"}[sys.platform]


def _executable() -> str:
    """Return the program that writes to a terminal."""
    return str(Paths.program / (f"{PROGRAM}-console.exe" if sys.platform == "win32" else PROGRAM))


def package_for_linux() -> None:
    """Make the Debian package and the portable archive of the program's folder."""
    say("Packing the Debian package")
    debian.build(Paths.program, Paths.program / "licences", Paths.dist)
    say("Packing the portable archive")
    glibc = ".".join(map(str, libraries.needed(Paths.program).c_library))
    words = {"name": definition.NAME, "version": definition.version(), "program": PROGRAM, "glibc": glibc}
    (Paths.program / "README.txt").write_text(_README.format(**words), encoding="utf-8")
    archive = Paths.dist / definition.artefact("linux", ".tar.zst")
    when = int(definition.source()[1].timestamp())
    owner = ["--owner=0", "--group=0", "--numeric-owner", "--sort=name", f"--mtime=@{when}"]
    _run(["tar", *owner, "-I", "zstd -9 -T2 -q", "-C", str(Paths.frozen), "-cf", str(archive), PROGRAM])


def write_sums() -> None:
    """Write the SHA-256 sums of everything in dist/ that is of this version."""
    files = [path for path in sorted(Paths.dist.iterdir()) if definition.version() in path.name]
    lines = [f"{_sha256(path)}  {path.name}\n" for path in files]
    (Paths.dist / f"SHA256SUMS-{_system()}.txt").write_text("".join(lines), encoding="utf-8")
    for path in files:
        say(f"{path.stat().st_size / 1e6:8.1f} MB  {path.name}")


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _run(command: Sequence[str], *, environment: dict[str, str] | None = None, quiet: bool = False) -> str:
    """Run a command from the root; return its output where it is wanted. Raises CalledProcessError."""
    everything = {**os.environ, **(environment or {})}
    done = subprocess.run(command, cwd=ROOT, env=everything, check=True, text=True, capture_output=quiet)
    return done.stdout or ""


def main() -> int:
    """Do what the command line says; return the exit code."""
    parser = argparse.ArgumentParser(description="Build what people install.")
    parser.add_argument("what", choices=("linux", "frozen", "sums"), nargs="?", default="linux")
    what = parser.parse_args().what
    try:
        if what != "sums":
            freeze()
        if what == "linux":
            package_for_linux()
        if what != "frozen":
            write_sums()
    except (RuntimeError, OSError, subprocess.CalledProcessError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
