"""Checkpoints: everything that a training needs to go on exactly, complete on the disk or not there at all.

The one before is kept. A new one is written beside them and flushed first, so that a full disk or a kill at any moment
leaves at least one whole checkpoint. They hold tensors and plain values only and are read with `weights_only`.
"""

import os
import pickle
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch

from medgan_viewer.dicom import atomic
from medgan_viewer.errors import ReadError
from medgan_viewer.lab.training.run_folder import RunFolder

__all__ = ["clear_unfinished", "load", "read", "save", "write"]

FORMAT = 1


def save(folder: RunFolder, content: dict[str, Any]) -> None:
    """Make `content` the run's checkpoint, and what was it the previous one. Raises WriteError, and changes nothing."""
    with atomic.new_file(folder.checkpoint) as unfinished:
        _write(unfinished, content)
        with suppress(FileNotFoundError):
            folder.checkpoint.replace(folder.previous_checkpoint)


def write(path: Path, content: dict[str, Any]) -> None:
    """Write `content` to a file of its own. Raises WriteError."""
    with atomic.new_file(path) as unfinished:
        _write(unfinished, content)


def load(folder: RunFolder) -> dict[str, Any] | None:
    """Return the newest whole checkpoint, None where there is none. Raises ReadError when none of those here opens."""
    problem: ReadError | None = None
    for path in (folder.checkpoint, folder.previous_checkpoint):
        try:
            return read(path)
        except FileNotFoundError:
            continue
        except ReadError as error:
            problem = problem or error
    if problem is not None:
        raise problem
    return None


def read(path: Path) -> dict[str, Any]:
    """Return what one checkpoint holds. Raises FileNotFoundError, ReadError when it is damaged or of a newer format."""
    try:
        content: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise
    except (OSError, RuntimeError, ValueError, EOFError, pickle.UnpicklingError) as error:
        raise ReadError(path, "this checkpoint is damaged; use another run or start anew") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ReadError(path, "this is no checkpoint of this version of the program; start the run anew")
    return content


def clear_unfinished(folder: RunFolder) -> None:
    """Delete what a killed process left half-written."""
    for path in [*folder.path.glob(".part-*"), *folder.path.glob("*.part")]:
        path.unlink(missing_ok=True)


def _write(unfinished: Path, content: dict[str, Any]) -> None:
    with unfinished.open("wb") as file:
        try:
            torch.save({"format": FORMAT, **content}, file)
        except RuntimeError as error:
            # torch words the system's refusal anew.
            if isinstance(error.__context__, OSError):
                raise error.__context__ from None
            raise
        file.flush()
        os.fsync(file.fileno())
