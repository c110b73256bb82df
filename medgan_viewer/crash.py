"""Reports of crashes: where in its own code the program was when it ended, and no word of any patient.

Messages of errors, file names and values stay out, since all of them may quote a scan. A report is one text file in the
folder of the log; it is sent nowhere, and the next start offers to show it.
"""

import contextlib
import faulthandler
import os
import platform
import re
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from medgan_viewer import resources, settings
from medgan_viewer.errors import described

__all__ = ["folder", "mark_seen", "record", "unseen", "watching"]

_KEPT = 20
_SEEN = ".seen.txt"
_FATAL = "fatal-"
# A file of a program that ended without a word, such as by a power cut, is of no use to anybody.
_STALE_SECONDS = 7 * 24 * 3600
_FRAME = re.compile(r'File "(?P<path>[^"]*)", line (?P<line>\d+)(?: in (?P<function>\S+))?')


def folder() -> Path:
    """Return the folder of the reports, beside the log."""
    return settings.log_folder() / "crashes"


def record(error: BaseException, thread: str = "") -> Path | None:
    """Write a report of an error and return its file, None where it cannot be written."""
    where = f" on the thread {thread}" if thread else ""
    return _write(f"What happened: an error that nothing expected{where}\n\n{described(error)}\n")


def unseen() -> list[Path]:
    """Return the reports that were not shown yet, the latest first; what a dying program left becomes a report."""
    try:
        for left in folder().glob(f"{_FATAL}*.txt"):
            _take_over(left)
        waiting = [path for path in folder().glob("crash-*.txt") if not path.name.endswith(_SEEN)]
    except OSError:
        return []
    return sorted(waiting, reverse=True)


def mark_seen(report: Path) -> None:
    """Offer a report no more; it stays in the folder."""
    with contextlib.suppress(OSError):
        report.rename(report.with_name(report.name.removesuffix(".txt") + _SEEN))


@contextlib.contextmanager
def watching() -> Iterator[None]:
    """Write a report of whatever ends the program, or a callback of it, while the block runs.

    Errors that leave the block go on; those on other threads and in Qt's callbacks come through Python's hooks, which
    are called as before. A crash below Python is written by ``faulthandler`` into a file that a good end takes away.
    """
    told: set[str] = set()
    before, threads_before = sys.excepthook, threading.excepthook

    def report(error: BaseException, thread: str) -> None:
        # Once each: a pane that cannot be painted fails at every repaint.
        if isinstance(error, Exception) and described(error) not in told:
            told.add(described(error))
            record(error, thread)

    def on_error(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        report(error, threading.current_thread().name)
        before(kind, error, trace)

    def on_thread_error(arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            report(arguments.exc_value, arguments.thread.name if arguments.thread else "")
        threads_before(arguments)

    sys.excepthook, threading.excepthook = on_error, on_thread_error
    try:
        with _fatal_errors_written():
            yield
    except Exception as error:
        report(error, threading.current_thread().name)
        raise
    finally:
        sys.excepthook, threading.excepthook = before, threads_before


@contextlib.contextmanager
def _fatal_errors_written() -> Iterator[None]:
    """Have crashes below Python written to a file of this process, as far as the folder can be written."""
    path = folder() / f"{_FATAL}{os.getpid()}.txt"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        stream = path.open("w", encoding="utf-8")
    except OSError:
        yield
        return
    already = faulthandler.is_enabled()
    if not already:
        faulthandler.enable(stream)
    try:
        yield
    finally:
        if not already:
            faulthandler.disable()
        stream.close()
        with contextlib.suppress(OSError):
            path.unlink()


def _take_over(left: Path) -> None:
    """Make a report of what faulthandler wrote; take an empty file away once its program must have ended."""
    text = left.read_text(encoding="utf-8", errors="replace")
    if text.strip():
        lines = "\n".join(_FRAME.sub(_frame, line) for line in text.splitlines())
        if _write(f"What happened: the process was ended by a crash below Python\n\n{lines}\n", left) is None:
            return
    elif time.time() - left.stat().st_mtime < _STALE_SECONDS:
        return
    with contextlib.suppress(OSError):
        left.unlink()


def _frame(found: re.Match[str]) -> str:
    """Return a frame without the folders above the code, which may name the user."""
    parts = re.split(r"[/\\]", found["path"])
    while len(parts) > 1 and "site-packages" in parts:
        parts = parts[parts.index("site-packages") + 1 :]
    if "medgan_viewer" in parts:
        parts = parts[len(parts) - 1 - parts[::-1].index("medgan_viewer") :]
    elif "site-packages" not in re.split(r"[/\\]", found["path"]):
        parts = parts[-1:]
    return f"{'/'.join(parts)}:{found['line']} in {found['function'] or '?'}"


def _write(body: str, of: Path | None = None) -> Path | None:
    """Write a report with a heading that says which program on which system; keep the latest ones."""
    when = datetime.now(UTC) if of is None else datetime.fromtimestamp(of.stat().st_mtime, UTC)
    heading = (
        f"MedGAN Viewer {resources.build_words()}\n"
        f"Python {platform.python_version()}, {platform.system()} {platform.release()} {platform.machine()}\n"
        f"{when:%Y-%m-%d %H:%M:%S} UTC\n\n"
    )
    path = folder() / f"crash-{when:%Y%m%d-%H%M%S-%f}-{os.getpid()}.txt"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(heading + body, encoding="utf-8")
        for old in sorted(folder().glob("crash-*.txt"))[:-_KEPT]:
            old.unlink()
    except OSError:
        return None
    return path
