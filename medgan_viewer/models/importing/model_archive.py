"""An archive of whole model packages, as the models of non-commercial data come in: a folder of each in one zip file.

They are taken as they are: nothing in them is run, and weights are compared with the manifest's hash. Of the zip only
plain files one folder deep are read, so that nothing can be written outside the model's own folder.
"""

import hashlib
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from medgan_viewer.errors import ReadError, UsageError
from medgan_viewer.models.importing import LARGEST_FILE, Request
from medgan_viewer.models.importing.packing import Draft, drop, stage
from medgan_viewer.models.manifest import read_package

__all__ = ["is_model_archive", "unpack"]

_MEMBER = re.compile(r"(?P<id>[a-z0-9]+(-[a-z0-9]+)*)/(?P<file>[A-Za-z0-9_][A-Za-z0-9_.-]*)")
_MOST_MEMBERS = 10_000


def is_model_archive(path: Path) -> bool:
    """Return whether a path is a zip file with a model's manifest in a folder of its own."""
    if not path.is_file():
        # A pipe need not have an end.
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return any(each["file"] == "manifest.json" for each in _members(archive))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def unpack(request: Request) -> tuple[Draft, ...]:
    """Put every model of an archive beside its place in the model folder, for ``keep`` or ``drop``.

    Raises UsageError where a model is there already or the request describes what describes itself, ReadError for a
    damaged archive, WriteError; then nothing is left of any of them.
    """
    if request.identifier or request.description:
        raise UsageError("The models of an archive name and describe themselves; leave name and description out.")
    drafts: list[Draft] = []
    try:
        with zipfile.ZipFile(request.path) as archive:
            for identifier, names in _models(request.path, archive).items():
                if identifier in request.taken or (request.folder / identifier).exists():
                    raise UsageError(f'There is already a model "{identifier}"; take its folder away first.')
                drafts.append(_draft(request, archive, identifier, names))
    except BaseException as error:
        for draft in drafts:
            drop(draft)
        # RuntimeError: encrypted; NotImplementedError: a compression that Python lacks.
        if isinstance(error, zipfile.BadZipFile | RuntimeError | NotImplementedError | ValueError | EOFError):
            raise ReadError(request.path, "the archive is damaged, encrypted or of an unknown kind") from error
        if isinstance(error, OSError):
            raise ReadError(request.path, f"it cannot be read ({error.strerror})") from error
        raise
    return tuple(drafts)


def _members(archive: zipfile.ZipFile) -> Iterator[re.Match[str]]:
    return (found for name in archive.namelist() if (found := _MEMBER.fullmatch(name)))


def _models(path: Path, archive: zipfile.ZipFile) -> Mapping[str, Sequence[str]]:
    """Return the files of each model in an archive. Raises ReadError where it is too large."""
    if len(archive.namelist()) > _MOST_MEMBERS or sum(each.file_size for each in archive.infolist()) > LARGEST_FILE:
        raise ReadError(path, "the archive holds more than is opened")
    models: dict[str, list[str]] = {}
    for each in _members(archive):
        models.setdefault(each["id"], []).append(each["file"])
    return {identifier: names for identifier, names in models.items() if "manifest.json" in names}


def _draft(request: Request, archive: zipfile.ZipFile, identifier: str, names: Sequence[str]) -> Draft:
    files = {name: archive.read(f"{identifier}/{name}") for name in names}
    manifest: Any = json.loads(files.pop("manifest.json"))
    if not isinstance(manifest, dict) or manifest.get("id") != identifier:
        raise ReadError(request.path, f'the manifest of "{identifier}" is not its own; get the archive again')
    staged = stage(request.folder, manifest, files)
    known = read_package(staged).manifest
    digest = hashlib.sha256(files[known.weights_file]).hexdigest()
    target = request.folder / identifier
    draft = Draft(staged, target, known.name, known.task, "whole model", known.licence, digest, evaluated=True)
    if digest != known.weights_sha256:
        drop(draft)
        raise ReadError(request.path, f'the weights of "{identifier}" are damaged; get the archive again')
    return draft
