"""Five hundred things done at random in the real program find no fault; and what looks for faults does find them."""

import ctypes
import faulthandler
import logging
import os
import re
import socket
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QTimer, qWarning
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from medgan_viewer import settings
from tests.ui import random_user, random_user_watch
from tests.ui.random_user_watch import LARGEST_GROWTH, Mark, Watch, growth, held_by_malloc, judged, locked_in

pytestmark = pytest.mark.window


_ROOT = Path(__file__).parents[2]


def test_five_hundred_things_done_at_random_find_no_fault_and_leave_nothing(tmp_path: Path) -> None:
    """In a process of its own, as the program runs: the threads of pytest's workers are none of the program's."""
    trace = tmp_path / "done"
    command = [sys.executable, "-m", "tests.ui.random_user", "--actions", "500", "--seed", "6", "--every", "250"]
    found = subprocess.run(
        [*command, "--trace", str(trace)],
        cwd=_ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=280,
        check=False,
    )
    last = trace.read_text(encoding="utf-8").splitlines()[-30:]
    # A crash of the process writes where it was.
    assert found.returncode == 0, "\n".join([found.stdout, *last])
    # At rest nothing is open: what one card, dialog or menu left behind would be hundreds by now.
    first, second = (int(number) for number in re.findall(r"(\d+) widgets", found.stdout))
    assert second < first + 150


# -- the watch itself --------------------------------------------------------------------------------------------------


def _raise() -> None:
    raise ValueError("on its own")


def _in_a_slot() -> None:
    QTimer.singleShot(0, _raise)
    QApplication.processEvents()


def _on_a_thread() -> None:
    thread = threading.Thread(target=_raise)
    thread.start()
    thread.join()


def _as_a_warning_in_a_slot() -> None:
    QTimer.singleShot(0, lambda: warnings.warn("old", DeprecationWarning, stacklevel=1))
    QApplication.processEvents()


class _Unwilling:
    def __del__(self) -> None:
        raise ValueError("on its own")


def _while_it_goes() -> None:
    _Unwilling()


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        (_in_a_slot, "on its own"),
        (_on_a_thread, "on its own"),
        (_while_it_goes, "on its own"),
        (_as_a_warning_in_a_slot, "DeprecationWarning"),
        (lambda: qWarning("QPainter is not active"), "QPainter is not active"),
        (lambda: logging.getLogger("medgan_viewer.ui").error("not expected"), "not expected"),
    ],
    ids=["slot", "thread", "destructor", "warning", "Qt", "log"],
)
def test_every_kind_of_fault_is_seen_and_the_hooks_are_put_back(
    qtbot: QtBot, fault: Callable[[], object], word: str
) -> None:
    with Watch() as watch:
        fault()
    assert len(watch.faults) == 1
    assert word in watch.faults[0]
    with qtbot.captureExceptions() as caught:
        _in_a_slot()
    assert [kind for kind, _, _ in caught] == [ValueError]
    assert len(watch.faults) == 1


def test_what_is_ordinary_is_no_fault() -> None:
    with Watch() as watch:
        logging.getLogger("medgan_viewer").warning("a folder cannot be written")
        qWarning("This plugin does not support propagateSizeHints()")
    assert watch.faults == []


def test_the_random_user_is_locked_in(tmp_path: Path) -> None:
    before, home = Path.cwd(), os.environ.get("HOME")
    chosen = tmp_path / "chosen"
    with locked_in(tmp_path / "in", lambda _parent: [chosen]):
        places = (settings.default_path(), settings.data_folder(), settings.cache_folder(), settings.log_folder())
        assert all(place.is_relative_to(tmp_path / "in") for place in (*places, Path.cwd(), Path.home()))
        assert QFileDialog.getExistingDirectory() == str(chosen)
        with socket.socket() as made, pytest.raises(OSError, match="no network"):
            made.connect(("127.0.0.1", 9))
        with pytest.raises(OSError, match="no network"):
            socket.getaddrinfo("example.org", 80)
    assert (Path.cwd(), os.environ.get("HOME")) == (before, home)


def _marks(*memory: float) -> list[Mark]:
    return [Mark(1000 * (number + 1), round(held), 10**9, 200, 0, 8, 17) for number, held in enumerate(memory)]


def test_memory_that_grows_is_told_from_memory_that_warms_up_and_from_one_high_mark() -> None:
    assert growth(_marks(1e8, 2e8), "held") is None
    warming = [2e8 - 1e8 / (2 + number) ** 3 for number in range(20)]
    assert abs(growth(_marks(*warming), "held") or 0.0) < 0.1 * LARGEST_GROWTH
    once_high = [2e8 + (5e7 if number == 12 else 0) for number in range(20)]
    assert growth(_marks(*once_high), "held") == 0
    leaking = _marks(*(2e8 + 3e6 * number for number in range(20)))
    assert growth(leaking, "held") == pytest.approx(3000)
    assert growth(leaking, "resident") == 0


@pytest.mark.skipif(held_by_malloc() == 0, reason="this C library does not tell what it gave away")
def test_what_is_held_counts_small_and_large_blocks_until_they_are_given_back() -> None:
    libc = ctypes.CDLL(None)
    libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = (
        ctypes.c_void_p,
        [ctypes.c_size_t],
        [ctypes.c_void_p],
    )
    before = held_by_malloc()
    blocks = [libc.malloc(size) for size in [200] * 10_000 + [5_000_000] * 3]
    assert 17_000_000 <= held_by_malloc() - before < 18_000_000
    for block in blocks:
        libc.free(block)
    assert held_by_malloc() - before < 100_000


def test_resident_memory_is_judged_where_malloc_does_not_have_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONMALLOC", "pymalloc")
    assert judged() == "resident"
    monkeypatch.setenv("PYTHONMALLOC", "malloc")
    assert judged() == ("held" if held_by_malloc() else "resident")


class _Faulty:
    """Does nothing but count, and finds a fault after so many actions."""

    def __init__(self, watch: Watch, fault_after: int, each: int) -> None:
        self.watch, self.done, self._fault_after, self._each = watch, 0, fault_after, each

    def live(self, actions: int) -> None:
        self.done += actions
        if self.done >= self._fault_after:
            self.watch.note("exception", "the sky fell")

    def rest(self) -> Mark:
        return Mark(self.done, 10**8 + self._each * self.done, 10**8 + 1500 * self.done, 200, 1000, 8, 17)


@pytest.mark.parametrize(
    ("fault_after", "each", "marks", "grows"), [(500, 5000, 1, False), (10_000, 5000, 8, True), (10_000, 900, 8, False)]
)
def test_the_command_line_measures_until_there_is_a_fault(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    fault_after: int,
    each: int,
    marks: int,
    grows: bool,
) -> None:
    monkeypatch.setattr(faulthandler, "dump_traceback_later", lambda *_, **_more: None)
    monkeypatch.setattr(random_user_watch, "judged", lambda: "held")
    with Watch() as watch:
        user: Any = _Faulty(watch, fault_after, each)
        measured = random_user._live(user, 2000, 250)
    assert [one.actions for one in measured] == [250 * number for number in range(1, marks + 1)]
    assert random_user._grows(measured) == grows
    said = capsys.readouterr().out
    assert "200 widgets" in said
    assert (f"held grows by {each} bytes an action" in said) == (marks == 8)
