"""``medgan-viewer view [PATH …]``: opens the window."""

import argparse
import importlib
from collections.abc import Callable
from pathlib import Path

from medgan_viewer.errors import MissingPartError, UsageError

__all__ = ["SUMMARY", "add_arguments", "execute", "window"]

SUMMARY = "open the window (also without a command)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="folders and files to open")


def execute(arguments: argparse.Namespace) -> int:
    """Open the window; return its exit code."""
    for path in arguments.paths:
        if not path.exists():
            raise UsageError(f"{path}: there is no such file, folder or command.")
    return window("run")(arguments.paths)


def window(function: str) -> Callable[..., int]:
    """Return a function of the window's program. Its name is a string: nothing below the window imports it."""
    try:
        found: Callable[..., int] = getattr(importlib.import_module("medgan_viewer.app"), function)
    except ImportError as error:
        raise MissingPartError(
            f"The window cannot be opened ({error}); run `medgan-viewer doctor` to see what is missing."
        ) from error
    return found
