"""``medgan-viewer doctor``: what is installed, what models run on, and what is missing. It tells nothing personal."""

import argparse
import ctypes
import importlib.metadata
import os
import platform
import shutil
import sys
from pathlib import Path
from typing import Any

import medgan_viewer
from medgan_viewer import crash, releases, resources, settings
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
# What Qt loads on Linux, and the Debian package that brings it. A packaged program brings some of them itself.
_QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
}
# The same for X11, which a desktop that is Wayland alone does without.
_X11_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--json", action="store_true", help="write JSON")
    parser.add_argument(
        "--updates", action="store_true", help="ask the release feed of the settings for a newer version"
    )


def execute(arguments: argparse.Namespace) -> int:
    """Write the findings; 1 where something is missing that the program needs."""
    missing: list[str] = []
    content: dict[str, Any] = {
        "program": medgan_viewer.__version__,
        "build": resources.build_words(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "packages": _versions(missing),
        "devices": _devices(missing),
        "models": _models(missing),
        "shared_memory_mb": _shared_memory_mb(),
        "settings": str(settings.default_path()),
        "log": str(settings.log_folder()),
        "crash reports": len(crash.unseen()),
        "updates": _updates(arguments.updates, missing),
        "missing": missing,
    }
    _check_libraries(missing)
    content = _without_home(content)
    missing = content["missing"]
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
        missing.append(f"Models cannot be run: {str(error) or 'the process for models does not answer.'}")
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


def _updates(asked: bool, missing: list[str]) -> str:
    """Return what is known of newer versions; the feed is asked only on request."""
    try:
        feed = releases.configured()
        if not feed:
            return "no release feed is set"
        return releases.words(releases.check(feed)) if asked else "asked only by `medgan-viewer doctor --updates`"
    except MedganError as error:
        missing.append(error.sentence)
        return "unknown"


def _check_libraries(missing: list[str]) -> None:
    if sys.platform != "linux":
        return
    wanted = _QT_LIBRARIES if os.environ.get("WAYLAND_DISPLAY") else {**_QT_LIBRARIES, **_X11_LIBRARIES}
    absent = [package for library, package in wanted.items() if not _loads(library)]
    if absent:
        missing.append(f"The window needs system libraries; install them with: apt install {' '.join(absent)}")


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _without_home(value: Any) -> Any:
    """Return findings in which the user's home, whose name is often the user's, is written as ~."""
    home = Path.home()
    if isinstance(value, dict):
        return {key: _without_home(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_without_home(each) for each in value]
    return value.replace(str(home), "~") if isinstance(value, str) and home.name else value


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_words(each)}" for key, each in value.items())
    if isinstance(value, list):
        return ", ".join(str(each) for each in value) or "none"
    return "none" if value is None else str(value)
