"""Bring your own model: an ONNX file, a MONAI bundle or an archive of packages becomes packages in the model folder.

:func:`check` runs in the worker process: it opens a stranger's file with torch or ONNX Runtime. It leaves whole
packages beside their places; :func:`keep` moves one there and :func:`drop` takes it away, both in any process.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medgan_viewer.errors import UsageError
from medgan_viewer.models.importing.packing import Draft, drop, keep

__all__ = ["CHECK", "LARGEST_FILE", "Draft", "Refused", "Request", "check", "drop", "keep", "settled"]

CHECK = "medgan_viewer.models.importing:check"
"""The worker's entry point, for ``jobs.worker.Job``."""
LARGEST_FILE = 4 << 30
"""The largest file that is opened at all, in bytes."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be imported: ``description`` as :mod:`.description` reads it, ``taken`` the ids that are in use."""

    path: Path
    folder: Path
    description: Mapping[str, Any]
    identifier: str = ""
    taken: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """A request that makes no sense as given; ``missing`` are the keys that a description must add."""

    sentence: str
    missing: tuple[str, ...] = ()


def check(context: object, *, request: Request) -> tuple[Draft, ...] | Refused:
    """Open the file, run its network once and make a package of it; of an archive, make all its packages.

    The worker's entry point; what the asker must change comes back as :class:`Refused`. Raises ReadError for a file
    that is not imported.
    """
    del context
    from medgan_viewer.models.importing import convert, model_archive

    try:
        if model_archive.is_model_archive(request.path):
            return model_archive.unpack(request)
        return (convert.convert(request),)
    except convert.IncompleteError as error:
        return Refused(error.sentence, error.missing)
    except UsageError as error:
        return Refused(error.sentence)


def settled(answer: tuple[Draft, ...] | Refused) -> tuple[Draft, ...]:
    """Return the drafts; raises UsageError for a request that was refused."""
    if isinstance(answer, Refused):
        raise UsageError(answer.sentence)
    return answer
