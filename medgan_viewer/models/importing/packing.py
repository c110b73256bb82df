"""A model package written beside its final place, checked as any package is, and moved there in one step."""

import json
import re
import shutil
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medgan_viewer.errors import PackageError, UsageError, WriteError
from medgan_viewer.models.manifest import read_package

__all__ = ["Draft", "card", "drop", "keep", "stage"]

_STAGING = ".importing-"
_LEFT_BEHIND_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Draft:
    """A package that is whole but not yet in its place. ``kind`` says in words what was imported."""

    staged: Path
    target: Path
    name: str
    task: str
    kind: str
    licence: str
    source_sha256: str
    # A whole model brings the numbers of its own card.
    evaluated: bool = False

    @property
    def id(self) -> str:
        """The model's identifier."""
        return self.target.name


def stage(folder: Path, manifest: Mapping[str, Any], files: Mapping[str, bytes | str]) -> Path:
    """Write a package into a hidden folder inside ``folder``; return it.

    Raises UsageError where the manifest is not right, WriteError where the files cannot be written; nothing is left.
    """
    identifier = str(manifest["id"])
    hidden: Path | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(folder)
        hidden = Path(tempfile.mkdtemp(prefix=_STAGING, dir=folder))
        package = hidden / identifier
        package.mkdir()
        for name, content in files.items():
            data = content.encode("utf-8") if isinstance(content, str) else content
            (package / name).write_bytes(data)
        text = json.dumps(manifest, indent=1, ensure_ascii=False, allow_nan=False)
        (package / "manifest.json").write_text(text + "\n", encoding="utf-8")
        read_package(package)
    except BaseException as error:
        if hidden is not None:
            shutil.rmtree(hidden, ignore_errors=True)
        if isinstance(error, PackageError):
            reason = error.reason.replace(" in manifest.json", "").removesuffix("; update the program")
            raise UsageError(f"The description of the model is not right: {reason}.") from error
        if isinstance(error, OSError):
            raise WriteError(folder, f"the model cannot be written there ({error.strerror})") from error
        if isinstance(error, TypeError | ValueError):
            raise UsageError("The description of the model holds a value that no manifest can hold.") from error
        raise
    return package


def _remove_leftovers(folder: Path) -> None:
    """Take away what imports left that were killed; an import under way is never as old."""
    for left in folder.glob(f"{_STAGING}*"):
        if time.time() - left.stat().st_mtime > _LEFT_BEHIND_SECONDS:
            shutil.rmtree(left, ignore_errors=True)


def keep(draft: Draft) -> Path:
    """Move a package to its place; return it. Raises UsageError where one is there already, WriteError."""
    try:
        # On every system this fails where the target is there: a folder with files is never replaced.
        draft.staged.rename(draft.target)
    except OSError as error:
        there = draft.target.exists()
        drop(draft)
        if there:
            raise UsageError(f'There is already a model "{draft.id}"; choose another name with --id.') from error
        raise WriteError(draft.target, f"the model cannot be put there ({error.strerror})") from error
    with suppress(OSError):
        draft.staged.parent.rmdir()
    return draft.target


def drop(draft: Draft) -> None:
    """Take a package that is not wanted away."""
    shutil.rmtree(draft.staged.parent, ignore_errors=True)


def card(manifest: Mapping[str, Any], source: str, digest: str, kind: str, author_says: str = "") -> str:
    """Return the card of an imported model, in Markdown; a stranger's words come into it as plain text only."""
    data = "".join(f"- {_plain(entry['name'])}: {_plain(entry['licence'])}\n" for entry in manifest["training_data"])
    limits = "".join(f"- {_plain(limit)}\n" for limit in manifest["limits"])
    said = f"\n## What its author says\n\nNot checked here: {_plain(author_says)}\n" if author_says else ""
    return f"""# {_plain(manifest["name"])}

{_plain(manifest["description"])} **{_plain(manifest["intended_use"])}**

## Where it comes from

Imported on {manifest["created"]} from {_plain(source)}: {_plain(kind)}, SHA-256 {digest}.
Licence: {_plain(manifest["licence"])}.

## Numbers

None. Nobody has evaluated this model here: how well it does, and for whom, is not known. Research use only.

## Training data

{data or "Not stated." + chr(10)}
## Limits

{limits}{said}"""


def _plain(text: Any) -> str:
    """Return a text as one line in which Markdown sees no heading, link, picture or HTML."""
    return re.sub(r"([\\`*_{}\[\]<>#|!~])", r"\\\1", " ".join(str(text).split()))
