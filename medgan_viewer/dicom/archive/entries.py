"""The archives that the user keeps, in a file of their own beside the settings. No password ever stands in it."""

import contextlib
import json
import re
from collections.abc import Sequence
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from medgan_viewer import settings
from medgan_viewer.errors import ReadError, UsageError, WriteError

__all__ = ["Entry", "add", "default_path", "load", "named", "remove", "save"]

Kind = Literal["dimse", "web"]
_NAME = re.compile(r"[\w][\w .-]{0,63}\Z")
_UNREADABLE = "the list of archives cannot be read; correct the file or delete it"


@dataclass(frozen=True, slots=True)
class Entry:
    """One archive. UsageError where it makes no sense."""

    name: str
    kind: Kind = "dimse"
    # DIMSE: where the archive listens, its AE title and the one this program goes by.
    host: str = ""
    port: int = 104
    ae_title: str = "ANY-SCP"
    own_ae_title: str = "MEDGAN"
    tls: bool = False
    # "get", or "move": the archive then connects back, to the address and port below, while a retrieval lasts.
    retrieve_by: Literal["get", "move"] = "get"
    listen_address: str = "127.0.0.1"
    # 0: nothing ever listens.
    listen_port: int = 0
    # AE titles that may connect then, separated by commas; empty for the archive's own.
    callers: str = ""
    # DICOMweb: the root that /studies is appended to.
    url: str = ""
    # PEM files: authorities to trust instead of the system's, and this program's own certificate with its key.
    authorities: str = ""
    certificate: str = ""

    def __post_init__(self) -> None:
        for one in fields(self):
            if type(getattr(self, one.name)) is not (str if one.default is MISSING else type(one.default)):
                raise UsageError(f"{one.name} of an archive cannot be {getattr(self, one.name)!r}.")
        if not _NAME.match(self.name):
            raise UsageError("An archive's name is made of letters, digits, spaces, dots and dashes, 64 at most.")
        if self.kind == "web":
            _check_url(self.url)
        elif self.kind == "dimse":
            self._check_dimse()
        else:
            raise UsageError(f'An archive is of kind "dimse" or "web", not {self.kind!r}.')

    def _check_dimse(self) -> None:
        if not self.host or any(letter.isspace() or letter in "/\\@" for letter in self.host):
            raise UsageError(f"{self.name}: the host is missing or is none; write a name or an address.")
        for title in (self.ae_title, self.own_ae_title, *self.caller_titles):
            if not 0 < len(title.strip()) <= 16 or not title.isascii() or not title.isprintable() or "\\" in title:
                raise UsageError(f"{self.name}: an AE title has 1 to 16 letters without accents; {title!r} has not.")
        if not 0 < self.port < 65536 or not 0 <= self.listen_port < 65536:
            raise UsageError(f"{self.name}: a port is a number from 1 to 65535.")
        if self.retrieve_by not in ("get", "move"):
            raise UsageError(f'{self.name}: images are retrieved by "get" or "move", not {self.retrieve_by!r}.')
        if self.retrieve_by == "move" and not self.listen_port:
            raise UsageError(f"{self.name}: C-MOVE needs a port to listen at while images arrive; C-GET needs none.")

    @property
    def caller_titles(self) -> tuple[str, ...]:
        """The AE titles that may connect while a C-MOVE lasts."""
        return tuple(title.strip() for title in self.callers.split(",") if title.strip()) or (self.ae_title,)

    @property
    def address(self) -> str:
        """Where the archive is, in words."""
        return self.url if self.kind == "web" else f"{self.host}:{self.port}"


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        sound = False
        parts = urlsplit("")
    if not sound or parts.query or parts.fragment:
        raise UsageError("A DICOMweb address begins with https:// or http:// and a host.")
    if parts.username is not None or parts.password is not None:
        raise UsageError("Name and password do not belong in the address; they go to the system's keyring.")


def default_path() -> Path:
    """Return the path of the list of archives."""
    return settings.configuration_folder() / "archives.json"


def load(path: Path | None = None) -> tuple[Entry, ...]:
    """Return the archives, none where there is no file yet. Raises ReadError."""
    path = default_path() if path is None else path
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        known = {one.name for one in fields(Entry)}
        # What a newer version wrote beside is not needed here.
        return tuple(Entry(**{key: value for key, value in each.items() if key in known}) for each in stored)
    except FileNotFoundError:
        return ()
    except UsageError as error:
        raise ReadError(path, f"{_UNREADABLE} ({error.sentence.rstrip('.')})") from error
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ReadError(path, _UNREADABLE) from error


def save(entries: Sequence[Entry], path: Path | None = None) -> None:
    """Store the archives; the file is replaced in one step. Raises WriteError."""
    path = default_path() if path is None else path
    partial = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps([asdict(entry) for entry in entries], indent=2) + "\n", encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise WriteError(path, f"the list of archives cannot be written ({error.strerror})") from error


def named(name: str) -> Entry:
    """Return the archive of a name; UsageError with the list where there is none."""
    entries = load()
    for entry in entries:
        if entry.name == name:
            return entry
    known = ", ".join(entry.name for entry in entries) or "none yet (`medgan-viewer archive add`)"
    raise UsageError(f'There is no archive "{name}"; there are: {known}.')


def add(entry: Entry) -> None:
    """Keep an archive; one of the same name is replaced."""
    save([*(other for other in load() if other.name != entry.name), entry])


def remove(name: str) -> None:
    """Forget an archive; UsageError where there is none of this name."""
    named(name)
    save([entry for entry in load() if entry.name != name])
