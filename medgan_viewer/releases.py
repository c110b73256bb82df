"""Whether there is a newer version: read from the release feed that the settings name, and only when somebody asks.

A feed is one JSON file, ``{"version": "0.2.0", "page": "https://…"}``, at an https address or, for hospitals without
the internet, on a shared folder. Nothing is sent with the request but what every request carries.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medgan_viewer import __version__, settings
from medgan_viewer.errors import ReadError, UsageError

__all__ = ["Release", "check", "configured", "words"]

_LARGEST_FEED = 1 << 16
_PATIENCE_S = 5.0


@dataclass(frozen=True, slots=True)
class Release:
    """A version that can be had, and the page that tells of it ("" where the feed names none)."""

    version: str
    page: str

    @property
    def newer(self) -> bool:
        """Whether it is newer than this program."""
        return _order(self.version) > _order(__version__)


def configured() -> str:
    """Return the address of the release feed, "" where none is set."""
    return settings.load().text("release_feed")


def check(feed: str) -> Release:
    """Read a release feed and return the version it offers.

    Raises UsageError for an address that is neither https nor a file, ReadError where the feed does not answer or says
    nothing that makes sense.
    """
    try:
        content = json.loads(_fetched(feed) if "://" in feed else _read(Path(feed)))
    except (OSError, ValueError) as error:
        raise ReadError(feed, "the release feed cannot be read; check the address in the settings") from error
    version, page = (content.get("version"), content.get("page", "")) if isinstance(content, dict) else (None, "")
    if not isinstance(version, str) or not re.fullmatch(r"\d+(\.\d+){0,3}", version) or not isinstance(page, str):
        raise ReadError(feed, "the release feed names no version; check the address in the settings")
    # A page is shown for a person to open, never opened by the program; anything but a web address is left out.
    return Release(version, page if page.startswith("https://") else "")


def words(release: Release) -> str:
    """Return what to tell of a release, one sentence."""
    if not release.newer:
        return f"This is version {__version__}; the release feed has no newer one."
    return (
        f"Version {release.version} can be had{f' from {release.page}' if release.page else ''}; this is {__version__}."
    )


def _order(version: str) -> tuple[int, ...]:
    """Return what versions are compared by: 1.2 and 1.2.0 are the same."""
    numbers = [int(number) for number in version.split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _read(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(_LARGEST_FEED)


def _fetched(address: str) -> bytes:
    """Return what an https address answers, followed to nowhere but https."""
    import requests

    if not address.startswith("https://"):
        raise UsageError("The release feed is neither an https address nor a file; change it in the settings.")
    headers = {"User-Agent": "medgan-viewer", "Accept": "application/json"}
    try:
        with requests.get(address, headers=headers, timeout=_PATIENCE_S, stream=True, allow_redirects=False) as answer:
            answer.raise_for_status()
            if answer.is_redirect:
                raise OSError("redirected")
            content: Any = answer.raw.read(_LARGEST_FEED, decode_content=True)
    except requests.RequestException as error:
        raise OSError("no answer") from error
    return bytes(content)
