"""``medgan-viewer doctor``: what is installed, what models run on, and what is missing."""

import argparse
import ctypes.util
import importlib.metadata
import platform
import shutil
import sys
from pathlib import Path
from typing import Any

import medgan_viewer
from medgan_viewer import settings
from medgan_viewer.commands import console
from medgan_viewer.errors import MedganError
from medgan_viewer.models import registry
from medgan_viewer.services import InferenceService

__all__ = ["SUMMARY", "add_arguments", "execute"]

SUMMARY = "show versions, devices and what is missing"

_PACKAGES = (
    "numpy",
    "scipy",
    "torch",
    "safetensors",
    "pydicom",
    "highdicom",
    "SimpleITK",
    "pylibjpeg-libjpeg",
    "pylibjpeg-openjpeg",
    "pillow",
    "PySide6-Essentials",
)
# What Qt loads on Linux, and the Debian package that brings it.
_QT_LIBRARIES = (
    ("EGL", "libegl1"),
    ("GL", "libgl1"),
    ("xkbcommon", "libxkbcommon0"),
    ("dbus-1", "libdbus-1-3"),
    ("fontconfig", "libfontconfig1"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--json", action="store_true", help="write JSON")


def execute(arguments: argparse.Namespace) -> int:
    """Write the findings; 1 where something is missing that the program needs."""
    missing: list[str] = []
    content: dict[str, Any] = {
        "program": medgan_viewer.__version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "packages": _versions(missing),
        "devices": _devices(missing),
        "models": _models(missing),
        "shared_memory_mb": _shared_memory_mb(),
        "settings": str(settings.default_path()),
        "log": str(settings.log_folder()),
        "missing": missing,
    }
    _check_libraries(missing)
    if arguments.json:
        console.show_json(content)
    else:
        for key, value in content.items():
            if key != "missing":
                console.show(f"{key}: {_words(value)}")
    for sentence in missing:
        console.complain(sentence)
    return 1 if missing else 0


def _versions(missing: list[str]) -> dict[str, str | None]:
    versions: dict[str, str | None] = {}
    for name in _PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = None
            missing.append(f"The Python package {name} is missing; install the program again.")
    return versions


def _devices(missing: list[str]) -> dict[str, Any]:
    """Ask the worker, which is the process that will use them."""
    service = InferenceService(lambda event: None)
    try:
        report = service.devices()
    except (MedganError, TimeoutError) as error:
        missing.append(f"Models cannot be run: {error or 'the process for models does not answer.'}")
        return {}
    finally:
        service.close()
    return {
        "used": report.chosen,
        "cuda": list(report.cuda),
        "mps": report.mps,
        "cpu": f"{report.cpu}, {report.threads} threads",
        "torch": report.torch_version,
    }


def _models(missing: list[str]) -> list[str]:
    packages, problems = registry.scan()
    missing.extend(problem.sentence for problem in problems)
    if not packages:
        missing.append(f"There are no models; put model folders into {registry.folders()[-1]}.")
    return [f"{package.id} {package.manifest.version}" for package in packages]


def _shared_memory_mb() -> int | None:
    folder = Path("/dev/shm")
    return shutil.disk_usage(folder).total // 1_000_000 if folder.is_dir() else None


def _check_libraries(missing: list[str]) -> None:
    if sys.platform != "linux":
        return
    absent = [package for library, package in _QT_LIBRARIES if ctypes.util.find_library(library) is None]
    if absent:
        missing.append(f"The window needs system libraries; install them with: apt install {' '.join(absent)}")


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_words(each)}" for key, each in value.items())
    if isinstance(value, list):
        return ", ".join(str(each) for each in value) or "none"
    return "none" if value is None else str(value)
