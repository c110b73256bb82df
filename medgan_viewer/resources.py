"""Where files that ship with the program are: in a checkout, in a wheel, in a frozen program."""

import os
import sys
from pathlib import Path

__all__ = ["folder", "path", "shared_data"]


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


def shared_data() -> Path | None:
    """Return the folder of training and test data (``$MEDGAN_DATA`` or beside the checkout), None where absent."""
    named = os.environ.get("MEDGAN_DATA")
    candidate = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"
    return candidate if candidate.is_dir() else None
