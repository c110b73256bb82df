"""``medgan-viewer view [PATH …]``: opens the window."""

import argparse
import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

from medgan_viewer.errors import MissingPartError, UsageError

__all__ = ["SUMMARY", "add_arguments", "execute", "require_display", "window"]

SUMMARY = "open the window (also without a command)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="folders and files to open")


def execute(arguments: argparse.Namespace) -> int:
    """Open the window; return its exit code."""
    for path in arguments.paths:
        if not path.exists():
            raise UsageError(f"{path}: there is no such file, folder or command.")
    require_display()
    return window("run")(arguments.paths)


def require_display() -> None:
    """Raise MissingPartError where Qt would find no display: it ends the program without a word."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise MissingPartError(
            "There is no display for the window; use the commands that `medgan-viewer --help` lists, such as "
            "`medgan-viewer demo --headless --out DIR`."
        )


def window(function: str) -> Callable[..., int]:
    """Return a function of the window's program. Its name is a string: nothing below the window imports it."""
    try:
        found: Callable[..., int] = getattr(importlib.import_module("medgan_viewer.app"), function)
    except ImportError as error:
        raise MissingPartError(
            f"The window cannot be opened ({error}); run `medgan-viewer doctor` to see what is missing."
        ) from error
    return found
