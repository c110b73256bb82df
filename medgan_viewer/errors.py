"""The errors a user can meet, each one sentence: what happened, to which file, what to do.

    MedganError
    ├── ReadError            a file or series that cannot be opened
    │   └── DecodeError      its pixels cannot be decoded
    ├── WriteError           a result that cannot be written (read-only folder)
    │   └── DiskFullError    there is no room left for it, nor for the next one
    ├── UsageError           a request that makes no sense as given (exit code 2)
    ├── PackageError         a model folder that is incomplete, altered or from a newer version
    ├── UnsuitableError      a model that does not fit the series
    │   └── QuestionableError  by its pixels; the user may confirm it
    ├── JobError             work in another process that failed
    ├── ArchiveError         an archive that refuses, is silent or breaks off; what had arrived is kept
    └── MissingPartError     something the machine lacks (a system library, an optional package)

No message carries a patient's name, identifier or birth date; files are named by their own name, never by
DICOM content. The log says even less: :func:`described` gives types and places in the code, no message.
"""

import traceback
from pathlib import Path

__all__ = [
    "ArchiveError",
    "DecodeError",
    "DiskFullError",
    "JobError",
    "MedganError",
    "MissingPartError",
    "PackageError",
    "QuestionableError",
    "ReadError",
    "UnsuitableError",
    "UsageError",
    "WriteError",
    "described",
]


_PACKAGE = __name__.partition(".")[0]
# Errors that were raised while another one was handled may go on without end.
_MOST_CAUSES = 5


class MedganError(Exception):
    """Base of all errors that are shown to the user as they are."""

    @property
    def sentence(self) -> str:
        """The message, one sentence."""
        return str(self)


class _FileError(MedganError):
    """An error about one file or folder; ``reason`` is the sentence without the name."""

    def __init__(self, path: Path | str, reason: str) -> None:
        super().__init__(path, reason)
        self.path = Path(path)
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.path.name}: {self.reason}"


class ReadError(_FileError):
    """A file or series cannot be opened."""


class DecodeError(ReadError):
    """The pixels of a file cannot be decoded."""


class WriteError(_FileError):
    """A result cannot be written; nothing half-written is left behind."""


class DiskFullError(WriteError):
    """The disk is full, so that nothing else can be written there either."""


class UsageError(MedganError):
    """The request makes no sense as given."""


class PackageError(_FileError):
    """A model folder is incomplete, altered or made for a newer version."""


class UnsuitableError(MedganError):
    """The model does not fit the series."""


class QuestionableError(UnsuitableError):
    """The pixels do not look like what the model needs; ``objections`` are what a user may confirm, one by one."""

    def __init__(self, sentence: str, objections: tuple[str, ...]) -> None:
        super().__init__(sentence)
        self.objections = objections


class JobError(MedganError):
    """Work in another process failed."""


class ArchiveError(MedganError):
    """An archive refused, was silent or broke off."""


class MissingPartError(MedganError):
    """The machine lacks something that this function needs."""


def described(error: BaseException) -> str:
    """Return what the log may hold of an error: its type and where in the code it came from, its causes behind it.

    Neither message nor file path: both may carry a patient's name. Frames are named by module and line, those of this
    package and the innermost one.
    """
    found: list[str] = []
    link: BaseException | None = error
    while link is not None and len(found) < _MOST_CAUSES:
        number = f" {link.errno}" if isinstance(link, OSError) and link.errno is not None else ""
        found.append(f"{type(link).__name__}{number}{_places(link)}")
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return "; after ".join(found)


def _places(error: BaseException) -> str:
    """Return " at module:line in function, …", innermost first."""
    frames = [
        (str(frame.f_globals.get("__name__", "?")), line, frame.f_code.co_name)
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    ours = [frame for frame in frames[:-1] if frame[0].split(".")[0] == _PACKAGE]
    places = [f"{module}:{line} in {function}" for module, line, function in reversed([*ours, *frames[-1:]])]
    return f" at {', '.join(places)}" if places else ""
