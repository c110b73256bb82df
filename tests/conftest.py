"""What holds for every test: no window on the screen, no stray warning, nothing left running.

Warnings fail through ``filterwarnings`` and Qt's own log lines through ``qt_log_level_fail`` in ``pyproject.toml``.
"""

import gc
import logging
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

# Before anything imports Qt; the run under Xvfb sets it to "xcb".
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Which precision is faster is measured, and noise of the machine must not change what tests compare voxel by voxel.
os.environ["MEDGAN_PRECISION"] = "fp32"
# The window speaks the system's language; tests read English.
os.environ["LANGUAGE"] = "en"

import pytest

from medgan_viewer import resources

# A thread or process that is on its way out when a test ends gets this long to go.
GRACE_SECONDS = 5.0


def _threads() -> set[threading.Thread]:
    """Return the threads that Python code started; threads of Qt's own pool that ran Python once are dummies."""
    return {thread for thread in threading.enumerate() if not isinstance(thread, threading._DummyThread)}


def _child_processes() -> set[int]:
    """Return the ids of this process's children but the resource tracker, which Python itself keeps until exit."""
    if not sys.platform.startswith("linux"):
        return {child.pid for child in multiprocessing.active_children() if child.pid is not None}
    # Collect those that have ended but were not waited for.
    multiprocessing.active_children()
    children: set[int] = set()
    for task in Path("/proc/self/task").iterdir():
        try:
            children.update(int(pid) for pid in (task / "children").read_text().split())
        except FileNotFoundError:
            continue  # the thread ended while we looked
    from multiprocessing import resource_tracker

    return children - {getattr(resource_tracker._resource_tracker, "_pid", None)}


def pytest_xvfb_disable() -> bool:
    """Start an X server for those tests alone that draw there (a hook of pytest-xvfb)."""
    return os.environ["QT_QPA_PLATFORM"] != "xcb"


@pytest.fixture(autouse=True)
def nothing_left_running() -> Iterator[None]:
    """Fail a test that leaves a thread or a child process behind."""
    threads_before, children_before = _threads(), _child_processes()
    yield
    end = time.monotonic() + GRACE_SECONDS
    while (threads := _threads() - threads_before) or (_child_processes() - children_before):
        if time.monotonic() > end:
            children = _child_processes() - children_before
            pytest.fail(f"left running: threads {sorted(t.name for t in threads)}, child processes {sorted(children)}")
        time.sleep(0.02)


@pytest.fixture(autouse=True)
def garbage_of_windows() -> None:
    """Collect what a test of the window left, here where nothing else runs; see ``tests/ui/conftest.py``."""
    if not gc.isenabled():
        gc.collect(0)
        gc.enable()


@pytest.fixture(autouse=True)
def own_log() -> Iterator[None]:
    """Take away the log that the command line opens, so that the next test's goes into that test's folder.

    Before the test too: a module's fixture may have called the command line.
    """
    _close_log()
    yield
    _close_log()


def _close_log() -> None:
    logger = logging.getLogger("medgan_viewer")
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()
        logger.propagate = True
        logging.captureWarnings(False)


@pytest.fixture
def user_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the user's settings, cache and logs folders of the test's own."""
    for name in ("CONFIG", "CACHE", "LOGS"):
        monkeypatch.setenv(f"MEDGAN_{name}", str(tmp_path / name.lower()))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real data, or skip: it is never part of the repository."""
    folder = resources.shared_data()
    if folder is None:
        pytest.skip("no shared data: set MEDGAN_DATA to the folder, or put it at ../shared/data")
    return folder
