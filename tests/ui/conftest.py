"""Fixtures of the tests of the window; a module that needs another scan has its own of the same name."""

import gc
from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.ui.loading import Loader
from medgan_viewer.ui.main_window import MainWindow
from medgan_viewer.ui.runs import Runs
from tests.ui import view_fixtures as scans

ShowWindow = Callable[[Document], MainWindow]


@pytest.fixture(autouse=True)
def garbage_is_left(garbage_of_windows: None) -> None:
    """Leave reference cycles alone while a window is open.

    They would be collected on whatever thread makes the next object, and Qt's objects must end on their own. All of it
    is young, and is collected before the next test begins.
    """
    gc.disable()


@pytest.fixture
def opened() -> OpenSeries:
    """Return the simulated head."""
    return scans.opened_series("ct", scans.stack_of(scans.ball()))


@pytest.fixture
def show_window(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[ShowWindow]:
    """Return what shows a window over a document, on its series "ct"; its series are open, and none is read again."""
    shown = []

    def show(document: Document) -> MainWindow:
        window = _window(qtbot, document)
        monkeypatch.setattr(window.loader, "open", lambda _uid: None)
        window.open_series("ct")
        shown.append(window)
        return window

    yield show
    for window in shown:
        window.close()


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    """Return a window in which nothing is open yet."""
    window = _window(qtbot, Document())
    yield window
    window.close()


def _window(qtbot: QtBot, document: Document) -> MainWindow:
    window = MainWindow(document, Loader(document), Runs(document, "cpu"))
    qtbot.addWidget(window)
    window.resize(1280, 720)
    window.show()
    qtbot.waitExposed(window)
    return window
