"""What every installer is told, once: names, the version, what goes in, where things lie.

Linux's packages read this module; Windows' and macOS' scripts read what ``python -m installers.definition FORMAT``
writes (``inno`` for Inno Setup, ``json`` for PowerShell, ``shell`` for sh). Standard library only.
"""

import importlib.util
import json
import os
import platform
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path

__all__ = [
    "EXCLUDED_MODULES",
    "NAME",
    "PROGRAM",
    "ROOT",
    "STRIPPED_FILES",
    "Paths",
    "architecture",
    "artefact",
    "build_information",
    "excluded_modules",
    "goes_in",
    "main",
    "requirements",
    "source",
    "values",
    "version",
    "written",
]

ROOT = Path(__file__).resolve().parents[1]
NAME = "MedGAN Viewer"
PROGRAM = "medgan-viewer"
PUBLISHER = "MedGAN Viewer authors"
SUMMARY = "viewer for DICOM studies that runs generative models locally"
# Never changed: by it Windows and macOS know a newer version for the same program.
WINDOWS_ID = "8F5A7C1E-6B1D-4C57-9C55-2B8E0D6E7A41"
MACOS_ID = "org.medgan-viewer.viewer"
MIME_TYPE = "application/dicom"

# In no frozen program: tests, developers' tools, other programs' windows, and what only a compiler or CUDA would use.
EXCLUDED_MODULES = (
    "IPython",
    "PySide6.QtDBus",
    "PySide6.QtDesigner",
    "PySide6.QtNetwork",
    "PySide6.QtQml",
    "PySide6.QtQuick",
    "PySide6.QtTest",
    "PySide6.QtUiTools",
    "_CharLS",
    "_curses",
    "_pytest",
    "curses",
    "doctest",
    "hypothesis",
    "idlelib",
    "jpeg_ls",
    "lib2to3",
    "matplotlib",
    "mypy",
    "numpy.tests",
    "onnxruntime.quantization",
    "onnxruntime.tools",
    "onnxruntime.transformers",
    "pandas",
    "pip",
    "pydicom.data.test_files",
    "pyqtgraph.examples",
    "pytest",
    "readline",
    "scipy.io.tests",
    "setuptools",
    "sympy.testing",
    "tensorboard",
    "tkinter",
    "torch.utils.tensorboard",
    "triton",
    "turtle",
    "wheel",
)
# PyTorch's own tests are a package of it; it starts only with these of its modules.
TORCH_TESTS = "torch.testing._internal"
TORCH_TESTS_USED = ("common_dtype", "distributed", "logging_tensor")
# Files of packages that no function of the program opens, as patterns of their place in the frozen program.
UNUSED_FILES = (
    "*.dist-info/RECORD",
    "*.dist-info/licenses/*",
    "*/tests/*",
    "torch/_inductor/*.py",
    "torch/bin/*",
    "torch/include/*",
    "torch/lib/*_test.so",
    "torch/share/*",
    "torch/test/*",
    "PySide6/Qt/lib/libQt6EglF*",
    "PySide6/Qt/lib/libQt6Network*",
    "PySide6/Qt/lib/libQt6Qml*",
    "PySide6/Qt/lib/libQt6Quick*",
    "PySide6/Qt/lib/libQt6VirtualKeyboard*",
    "PySide6/Qt/plugins/egldeviceintegrations/*",
    "PySide6/Qt/plugins/generic/*",
    "PySide6/Qt/plugins/networkinformation/*",
    "PySide6/Qt/plugins/platforminputcontexts/libqtvirtualkeyboard*",
    "PySide6/Qt/plugins/platforms/libqeglfs*",
    "PySide6/Qt/plugins/platforms/libqlinuxfb*",
    "PySide6/Qt/plugins/platforms/libqminimalegl*",
    "PySide6/Qt/plugins/platforms/libqvkkhrdisplay*",
    "PySide6/Qt/plugins/platforms/libqvnc*",
    "PySide6/Qt/plugins/platformthemes/libqgtk3*",
    "PySide6/Qt/plugins/qmltooling/*",
    "PySide6/Qt/plugins/tls/*",
    "PySide6/Qt/plugins/wayland-graphics-integration-client/libdrm*",
    "PySide6/Qt/plugins/wayland-graphics-integration-server/*",
    "PySide6/Qt/translations/*",
    "resources/translations/*.ts",
    "libQt6EglF*",
    "libQt6Network*",
)
# Libraries whose makers left the names of functions in, which only a debugger reads: a fifth of PyTorch's largest, and
# three quarters of Python's own. Those that auditwheel has changed are left as they are.
STRIPPED_FILES = (
    "_libjpeg.*",
    "_openjpeg.*",
    "cryptography/*.so",
    "libpython3*.so*",
    "python3*/lib-dynload/*.so",
    "torch/lib/*.so",
)
# Qt's own words in other languages, and what PyTorch does not start without.
USED_AFTER_ALL = ("PySide6/Qt/translations/qtbase_*", "torch/bin/torch_shm_manager*")
# Of Linux' own libraries those that Python's modules load and that have another name on other distributions. All others
# are left to the system: the desktop's must fit its drivers and fonts, and get their repairs from there.
SYSTEM_LIBRARIES_TAKEN = (
    "libbz2.so*",
    "libcrypto.so*",
    "libexpat.so*",
    "libffi.so*",
    "liblzma.so*",
    "libpython3*",
    "libsqlite3.so*",
    "libssl.so*",
    "libuuid.so*",
    "libz.so*",
    "libzstd.so*",
)


class Paths:
    """Where a build puts things; ``MEDGAN_BUILD`` and ``MEDGAN_DIST`` name other folders than build/ and dist/."""

    build = Path(os.environ.get("MEDGAN_BUILD") or ROOT / "build").resolve()
    dist = Path(os.environ.get("MEDGAN_DIST") or ROOT / "dist").resolve()
    # PyInstaller's own scratch, then the frozen program, then what it holds and where each file came from.
    scratch = build / "pyinstaller"
    frozen = build / "frozen"
    program = frozen / PROGRAM
    contents = build / "contents.json"
    models = build / "models"
    icons = build / "icons"


def excluded_modules() -> list[str]:
    """Return the modules that are left out, PyTorch's tests among them where PyTorch is installed."""
    torch = importlib.util.find_spec("torch")
    tests = (
        Path(torch.origin).parent / "testing" / "_internal" if torch is not None and torch.origin else Path("absent")
    )
    names = {path.stem for path in tests.glob("[!_]*")} - set(TORCH_TESTS_USED) if tests.is_dir() else set()
    return [*EXCLUDED_MODULES, *(f"{TORCH_TESTS}.{name}" for name in sorted(names))]


def goes_in(place: str, origin: str) -> bool:
    """Return whether a file belongs in the frozen program, by its place there and the path it comes from."""
    place = place.replace("\\", "/")
    if any(fnmatch(place, pattern) for pattern in UNUSED_FILES):
        return any(fnmatch(place, pattern) for pattern in USED_AFTER_ALL)
    if origin.startswith(("/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu")) and "/" not in place:
        return any(fnmatch(place, pattern) for pattern in SYSTEM_LIBRARIES_TAKEN)
    return True


def version() -> str:
    """Return the program's version, as ``pyproject.toml`` has it."""
    return str(_project()["version"])


def requirements() -> tuple[str, ...]:
    """Return the names of the packages that the program asks for."""
    return tuple(re.split(r"[^A-Za-z0-9._-]", line)[0] for line in _project()["dependencies"])


def _project() -> Mapping[str, Sequence[str]]:
    with (ROOT / "pyproject.toml").open("rb") as stream:
        content: Mapping[str, Sequence[str]] = tomllib.load(stream)["project"]
    return content


def architecture() -> str:
    """Return the processor in Debian's words (amd64, arm64)."""
    machine = platform.machine().lower()
    return {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64"}.get(machine, machine)


def flavour() -> str:
    """Return "-cuda" for a program with NVIDIA's libraries in it, "" for the one that every computer runs."""
    return "-cuda" if os.environ.get("MEDGAN_CUDA") == "1" else ""


def artefact(system: str, suffix: str) -> str:
    """Return the file name of an artefact, such as medgan-viewer-0.1.0-linux-amd64.tar.zst."""
    return f"{PROGRAM}{flavour()}-{version()}-{system}-{architecture()}{suffix}"


def source() -> tuple[str, datetime]:
    """Return the commit that is built ("" outside a checkout) and its time, or SOURCE_DATE_EPOCH's."""
    command = ["git", "log", "-1", "--format=%h %ct"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        commit, _, seconds = done.stdout.strip().partition(" ")
    except OSError:
        commit, seconds = "", ""
    when = os.environ.get("SOURCE_DATE_EPOCH") or seconds or "0"
    return commit, datetime.fromtimestamp(int(when), UTC)


def build_information() -> dict[str, str]:
    """Return what ``medgan-viewer doctor`` tells of the build."""
    commit, when = source()
    return {
        "version": version(),
        "commit": commit,
        "date": when.date().isoformat(),
        "system": f"{platform.system()} {architecture()}",
        "acceleration": "CUDA" if flavour() else "none" if sys.platform != "darwin" else "Metal",
    }


def values() -> dict[str, str]:
    """Return what the scripts of Windows and macOS need, by name."""
    return {
        "Name": NAME,
        "Program": PROGRAM,
        "Version": version(),
        "Publisher": PUBLISHER,
        "Summary": SUMMARY,
        "WindowsId": WINDOWS_ID,
        "MacosId": MACOS_ID,
        "MimeType": MIME_TYPE,
        "Architecture": architecture(),
        "Root": str(ROOT),
        "Frozen": str(Paths.frozen),
        "ProgramFolder": str(Paths.program),
        "Dist": str(Paths.dist),
        "Icons": str(Paths.icons),
        "Licence": str(ROOT / "LICENSE"),
        "WindowsArtefact": artefact("windows", "-setup"),
        "MacosArtefact": artefact("macos", ".dmg"),
    }


def written(form: str) -> str:
    """Return the values in the words of ``inno``, ``json`` or ``shell``."""
    match form:
        case "inno":
            return "".join(f'#define {name} "{value}"\n' for name, value in values().items())
        case "shell":
            return "".join(f"{name}={shlex.quote(value)}\n" for name, value in values().items())
        case _:
            return json.dumps(values(), indent=2) + "\n"


def main() -> int:
    """Write the values to standard output in the form that was asked for."""
    form = sys.argv[1] if len(sys.argv) == 2 else ""
    if form not in {"inno", "json", "shell"}:
        sys.stderr.write("Say which form: python -m installers.definition inno | json | shell\n")
        return 2
    sys.stdout.write(written(form))
    return 0


if __name__ == "__main__":
    sys.exit(main())
