"""JSON files that are kept, and read by people: a list or table that fits on one line is on one."""

import json
from pathlib import Path
from typing import Any

from medgan_viewer.dicom import atomic

__all__ = ["text", "write", "write_text"]

_WIDTH = 120


def text(content: Any) -> str:
    """Return the content of a file. Raises ValueError for a number that is none, as JSON has no word for it."""
    return _said(content, 0, "") + "\n"


def write(path: Path, content: Any) -> None:
    """Write a file, whole or not at all. Raises ValueError, WriteError."""
    write_text(path, text(content))


def write_text(path: Path, content: str) -> None:
    """Write what was made into text before, whole or not at all. Raises WriteError."""
    with atomic.new_file(path) as unfinished:
        unfinished.write_text(content, encoding="utf-8")


def _said(value: Any, depth: int, before: str) -> str:
    line = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if depth + len(before) + len(line) < _WIDTH or not isinstance(value, dict | list | tuple) or not value:
        return line
    inner = " " * (depth + 1)
    if isinstance(value, dict):
        names = [f"{json.dumps(str(name), ensure_ascii=False)}: " for name in value]
        items = [name + _said(one, depth + 1, name) for name, one in zip(names, value.values(), strict=True)]
    else:
        items = [_said(one, depth + 1, "") for one in value]
    opened, closed = "{}" if isinstance(value, dict) else "[]"
    return opened + "\n" + ",\n".join(inner + item for item in items) + "\n" + " " * depth + closed
