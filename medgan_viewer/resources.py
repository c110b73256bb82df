"""Where files that ship with the program are: in a checkout, in a wheel, in a frozen program."""

import json
import os
import sys
from pathlib import Path

from medgan_viewer import __version__

__all__ = ["build_words", "folder", "path", "shared_data"]


def folder() -> Path:
    """Return the folder ``resources``."""
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen is not None:
        return Path(frozen) / "resources"
    package = Path(__file__).resolve().parent
    installed = package / "_resources"
    return installed if installed.is_dir() else package.parent / "resources"


def path(*parts: str) -> Path:
    """Return the path of one shipped file or folder, such as ``path("icons", "link.svg")``."""
    return folder().joinpath(*parts)


def build_words() -> str:
    """Return the version and, in a packaged program, which build of it this is."""
    try:
        build = json.loads(path("build.json").read_text(encoding="utf-8"))
        return f"{__version__} (build {build['commit'] or 'unknown'} of {build['date']}, {build['system']})"
    except (OSError, ValueError, KeyError):
        return f"{__version__} (from source)"


def shared_data() -> Path | None:
    """Return the folder of training and test data (``$MEDGAN_DATA`` or beside the checkout), None where absent."""
    named = os.environ.get("MEDGAN_DATA")
    candidate = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"
    return candidate if candidate.is_dir() else None
