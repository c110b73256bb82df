"""Reference cycles end on the window's thread, and going through all of them waits until nobody scrolls."""

import gc
import subprocess
import sys
import threading
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from medgan_viewer import app
from medgan_viewer.core.document import Document
from medgan_viewer.ui.rubbish import Collecting
from tests.ui.conftest import ShowWindow


class _Looking(QObject):
    looked_at = Signal(str, int)


class _Cycle:
    """Holds itself, and notes the thread on which it ends."""

    def __init__(self, ended: list[int]) -> None:
        self.me, self.ended = self, ended

    def __del__(self) -> None:
        self.ended.append(threading.get_ident())


@pytest.fixture
def looking(qapp: QObject) -> _Looking:
    return _Looking()


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    """Leave nothing that must not be collected to other tests."""
    yield
    gc.unfreeze()


@pytest.fixture
def collecting(looking: _Looking) -> Iterator[Collecting]:
    made = Collecting(looking.looked_at, looking)
    yield made
    made.stop()
    gc.disable()


@pytest.mark.usefixtures("collecting")
def test_cycles_that_another_thread_leaves_end_on_the_thread_of_the_window(qtbot: QtBot) -> None:
    ended: list[int] = []

    def leave() -> None:
        for _ in range(5000):
            _Cycle(ended)

    thread = threading.Thread(target=leave)
    thread.start()
    thread.join()
    # Python itself would have collected thousands of them there.
    assert ended == []
    qtbot.waitUntil(lambda: len(ended) == 5000, timeout=30_000)
    assert set(ended) == {threading.get_ident()}


def test_all_generations_are_gone_through_only_when_nobody_has_looked_at_another_slice_for_a_while(
    qtbot: QtBot, looking: _Looking, collecting: Collecting, monkeypatch: pytest.MonkeyPatch
) -> None:
    collected: list[int] = []
    monkeypatch.setattr(gc, "collect", collected.append)
    monkeypatch.setattr(gc, "get_count", lambda: (0, 0, 11))
    looking.looked_at.emit("ct", 3)
    collecting.look()
    assert collected == [1]
    qtbot.waitUntil(lambda: 2 in collected, timeout=30_000)
    monkeypatch.setattr(gc, "get_count", lambda: (701, 0, 0))
    collected.clear()
    collecting.look()
    monkeypatch.setattr(gc, "get_count", lambda: (700, 10, 10))
    collecting.look()
    assert collected == [0]


def test_python_collects_by_itself_again_when_it_is_over(looking: _Looking) -> None:
    made = Collecting(looking.looked_at, looking)
    assert not gc.isenabled()
    kept = gc.get_freeze_count()
    assert kept > 0
    made.stop()
    assert gc.isenabled()
    rubbish: list[list[int]] = [[] for _ in range(1000)]
    Collecting(looking.looked_at, looking).stop()
    assert gc.get_freeze_count() <= kept, f"{len(rubbish)} lists of a later window were taken for what was imported"
    gc.disable()


def test_a_change_of_the_document_puts_the_slow_part_off_as_another_slice_does(show_window: ShowWindow) -> None:
    window = show_window(Document())
    app._collect_here(window)
    (made,) = (one for one in window.children() if isinstance(one, Collecting))
    try:
        assert not made._rest.isActive()
        window.document.move_crosshair("2.25.1", np.zeros(3))
        assert made._rest.isActive()
    finally:
        made.stop()
        gc.disable()


_RESIDENT = """
import sys
import numpy
from medgan_viewer.ui.rubbish import give_large_blocks_back

assert give_large_blocks_back()

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

numpy.ones(1 << 24, "u1").sum()  # once, which raises glibc's own limit
before = resident()
volumes, small = [], []
for _ in range(20):
    volumes.append(numpy.ones(1 << 24, "u1"))
    small.append(numpy.ones(10_000, "u1"))
held = resident()
del volumes
print(held - before, resident() - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the allocator is glibc's")
def test_volumes_go_back_to_the_system_though_small_arrays_between_them_stay() -> None:
    said = subprocess.run([sys.executable, "-c", _RESIDENT], capture_output=True, text=True, check=True).stdout
    held, left = (int(part) for part in said.split())
    assert held > 300 << 20
    assert left < 8 << 20
