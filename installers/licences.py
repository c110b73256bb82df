"""Collects the licence texts of everything that is shipped, each in a folder of its part, with one table over them."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from installers.contents import Component

__all__ = ["collect"]

_HEADING = """# Third-party licences

What the program is made of, beside its own code (Apache License 2.0). The texts are in the folders beside this file.

| part | version | licence | texts |
|---|---|---|---|
"""


def collect(parts: Sequence[Component], target: Path) -> list[str]:
    """Copy every licence text below a folder, write ``README.md`` there, and return the parts that bring no text."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    rows, silent = [], []
    for part in parts:
        folder = target / part.kind / part.name
        names = [_copy(text, folder) for text in part.texts]
        if not names:
            silent.append(part.name)
        rows.append(f"| {part.name} | {part.version} | {part.licence or 'see text'} | {', '.join(names) or '–'} |")
    (target / "README.md").write_text(_HEADING + "\n".join(rows) + "\n", encoding="utf-8")
    return silent


def _copy(text: Path, folder: Path) -> str:
    """Copy one text; two of the same name get the name of their folder before them."""
    folder.mkdir(parents=True, exist_ok=True)
    name = text.name
    if (folder / name).exists():
        name = f"{text.parent.name}-{name}"
    for number in range(2, 1000):
        if not (folder / name).exists():
            break
        name = f"{number}-{text.name}"
    shutil.copyfile(text, folder / name)
    return name
