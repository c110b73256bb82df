"""The session on disk: one JSON file, and a file of voxels for each result. Nothing of a patient is in a file's name.

``session.json`` holds the folders that were opened, hashes of studies and series, the desk, the results' words, the
verdicts and the key images. Voxels are written first, then the JSON file in one step, then what it no longer names
goes: a crash at any moment leaves the session before or the one after.

A study that was closed lies in a folder ``closed`` beside it, as a session of its own: ``closed/<hash of the study>``.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from medgan_viewer.core.as_json import decoded, encoded
from medgan_viewer.core.catalog import Series
from medgan_viewer.core.kept_layers import read_layer, write_voxels
from medgan_viewer.core.key_images import KeyImage
from medgan_viewer.core.layers import Judgement, Layer
from medgan_viewer.errors import ReadError
from medgan_viewer.ui.session_desk import Desk

__all__ = [
    "MOST_CLOSED",
    "Kept",
    "KeptLayer",
    "KeptSession",
    "fingerprint",
    "forget",
    "forget_closed",
    "layers_of",
    "read",
    "read_closed",
    "write",
    "write_closed",
]

MOST_CLOSED = 12
"""How many studies that were closed are kept."""

_SCHEMA = 1
_NAME = "session.json"
_CLOSED = "closed"
# Far more than any session takes.
_LARGEST = 64 << 20


@dataclass(frozen=True, slots=True)
class KeptSession:
    """What was open. ``studies`` are hashes, ``sources`` (series UID, fingerprint) of series that results lie on.

    So do key images.
    """

    saved: datetime
    # Whether the program ended well after that.
    ended: bool
    paths: tuple[str, ...]
    studies: tuple[str, ...]
    desk: Desk
    sources: tuple[tuple[str, str], ...] = ()
    # (UID of the heat map, what was said of one of its findings).
    judgements: tuple[tuple[str, Judgement], ...] = ()
    key_images: tuple[KeyImage, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptLayer:
    """A result: its words, and the name of the file with its voxels."""

    words: dict[str, Any]
    voxels: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A session and its results."""

    session: KeptSession
    layers: tuple[KeptLayer, ...] = ()


def fingerprint(series: Series) -> str:
    """Return what a series' images are known again by: a result lies on these images and on no others."""
    whole = "\0".join(f"{one.sop_instance_uid} {one.frame} {one.rows} {one.columns}" for one in series.instances)
    return hashlib.sha256(whole.encode("utf-8")).hexdigest()[:32]


def write(folder: Path, kept: Kept, voxels: Sequence[tuple[str, Layer]]) -> None:
    """Write a session and the voxels, by file name, that are new in it. Raises ``WriteError``."""
    from medgan_viewer.dicom import atomic

    content = {
        "schema": _SCHEMA,
        "session": encoded(kept.session),
        "layers": [{"words": one.words, "voxels": one.voxels} for one in kept.layers],
    }
    text = json.dumps(content, ensure_ascii=False)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise atomic.refused(folder, error) from error
    for name, layer in voxels:
        with atomic.new_file(folder / name) as temporary:
            write_voxels(layer, temporary)
    with atomic.new_file(folder / _NAME) as temporary:
        temporary.write_text(text, encoding="utf-8")
        with suppress(OSError):
            temporary.chmod(0o600)
    _remove(folder, {one.voxels for one in kept.layers})


def forget(folder: Path) -> None:
    """Remove the session and all its voxels. Raises ``OSError`` where it cannot be removed."""
    (folder / _NAME).unlink(missing_ok=True)
    _remove(folder, set())


def _remove(folder: Path, but: set[str]) -> None:
    """Remove the files of voxels that no session names, those that a crash left half-written among them."""
    for path in (*folder.glob("*.npz"), *folder.glob(".part-*")):
        if path.name not in but:
            with suppress(OSError):
                path.unlink(missing_ok=True)


def read(folder: Path) -> Kept | None:
    """Return the session that was kept, None where there is none.

    Raises ReadError where it cannot be read; the file is put aside then.
    """
    path = folder / _NAME
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError("too large")
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["schema"] != _SCHEMA:
            raise ValueError("of another version")
        layers = tuple(KeptLayer(dict(one["words"]), _plain_name(one["voxels"])) for one in content["layers"])
        return Kept(decoded(KeptSession, content["session"]), layers)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        with suppress(OSError):
            path.replace(path.with_suffix(".unreadable"))
        raise ReadError(path, "what was open the last time cannot be read; the file was put aside") from error


def _plain_name(name: object) -> str:
    """Return the name of a file beside the session; ValueError for one that leads elsewhere."""
    if not isinstance(name, str) or Path(name).name != name or not name.endswith(".npz"):
        raise ValueError("no name of a file of voxels")
    return name


def layers_of(folder: Path, kept: Kept) -> list[tuple[Layer, str]]:
    """Return the results that can be read, each with the name of its file of voxels."""
    found: list[tuple[Layer, str]] = []
    for one in kept.layers:
        with suppress(OSError, ValueError):
            found.append((read_layer(one.words, folder / one.voxels), one.voxels))
    return found


# -- studies that were closed ------------------------------------------------------------------------------------------


def write_closed(
    folder: Path, key: str, kept: Kept, voxels: Sequence[tuple[str, Layer]], *, replacing: bool = True
) -> None:
    """Write how a study was left, and the voxels that are in no file of the session yet. Raises ``WriteError``.

    The others are the session's files under a second name, and take no room of their own. Where there are too many
    studies, the oldest go. Without ``replacing`` what was kept before stays as it is.
    """
    from medgan_viewer.dicom import atomic

    place = folder / _CLOSED / key
    if not replacing and (place / _NAME).exists():
        return
    new = {name for name, _ in voxels}
    for one in kept.layers:
        source, target = folder / one.voxels, place / one.voxels
        if one.voxels not in new and source.exists() and not target.exists():
            with atomic.new_file(target) as temporary:
                _same_file(source, temporary)
    write(place, kept, voxels)
    others = [path for path in place.parent.iterdir() if path != place]
    others.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in others[MOST_CLOSED - 1 :]:
        shutil.rmtree(path, ignore_errors=True)


def _same_file(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        # Not every file system gives a file two names.
        shutil.copyfile(source, target)


def read_closed(folder: Path, key: str) -> tuple[Kept, list[Layer]] | None:
    """Return how a study was left, with those of its results that can be read; None where that is not kept.

    Raises ReadError where it cannot be read; the file is put aside then.
    """
    place = folder / _CLOSED / key
    kept = read(place)
    return None if kept is None else (kept, [layer for layer, _ in layers_of(place, kept)])


def forget_closed(folder: Path, key: str | None = None) -> None:
    """Remove how a study was left, or how all were. Raises ``OSError`` where it cannot be removed."""
    with suppress(FileNotFoundError):
        shutil.rmtree(folder / _CLOSED if key is None else folder / _CLOSED / key)
