"""The errors a user can meet, each one sentence: what happened, to which file, what to do.

    MedganError
    ├── ReadError            a file or series that cannot be opened
    │   └── DecodeError      its pixels cannot be decoded
    ├── WriteError           a result that cannot be written (full disk, read-only folder)
    ├── UsageError           a request that makes no sense as given (exit code 2)
    ├── PackageError         a model folder that is incomplete, altered or from a newer version
    ├── UnsuitableError      a model that does not fit the series
    ├── JobError             work in another process that failed
    │   └── WorkerDiedError  the process ended without a word
    └── MissingPartError     something the machine lacks (a system library, an optional package)

No message carries a patient's name, identifier or birth date; files are named by their own name, never by
DICOM content.
"""

from pathlib import Path

__all__ = [
    "DecodeError",
    "JobError",
    "MedganError",
    "MissingPartError",
    "PackageError",
    "ReadError",
    "UnsuitableError",
    "UsageError",
    "WorkerDiedError",
    "WriteError",
]


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


class UsageError(MedganError):
    """The request makes no sense as given."""


class PackageError(_FileError):
    """A model folder is incomplete, altered or made for a newer version."""


class UnsuitableError(MedganError):
    """The model does not fit the series."""


class JobError(MedganError):
    """Work in another process failed."""


class WorkerDiedError(JobError):
    """The process that ran the work ended without a word."""


class MissingPartError(MedganError):
    """The machine lacks something that this function needs."""
