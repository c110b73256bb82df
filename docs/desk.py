"""The window as a hand uses it, and the album that keeps what it looked like; make_pictures.py has the scenes."""

import io
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QEvent, QEventLoop, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QKeySequence, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QPushButton, QToolButton, QWidget

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.layers import Layer
from medgan_viewer.errors import MedganError
from medgan_viewer.ui.main_window import MainWindow
from medgan_viewer.ui.views.pane import Pane
from medgan_viewer.ui.waiting import comes_true

__all__ = [
    "Album",
    "Desk",
    "context_menu",
    "dialog_of",
    "in_rows",
    "link_of",
    "menu_part",
    "part_of",
    "picture_of",
    "popped",
]

# WebP keeps letters readable and a picture within some 50 kB.
_QUALITY = 80
_PATIENCE_MS = 240_000
Place = tuple[float, float]


class Desk:
    """The window, and what a hand does with it."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window

    def wait(self, condition: Callable[[], object], what: str) -> None:
        """Let the program work until something has happened. Raises MedganError where it never does."""
        if not comes_true(condition, _PATIENCE_MS):
            raise MedganError(f"No pictures are made: it was waited in vain for {what}.")

    def expect(self, happened: object, what: str) -> None:
        """Refuse to take a picture of what did not happen."""
        self.settle()
        if not happened:
            raise MedganError(f"No pictures are made: {what} did not happen.")

    def settle(self) -> None:
        """Let everything be laid out and painted."""
        for _ in range(5):
            QCoreApplication.sendPostedEvents()
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)

    # -- the hand ------------------------------------------------------------------------------------------------

    def press(self, keys: str) -> None:
        """Do what a key stands for: without a display no window has the keyboard for certain."""
        wanted = QKeySequence(keys)
        next(action for action in self.window.actions_by_id.values() if wanted in action.shortcuts()).trigger()
        self.settle()

    def drag(
        self,
        pane: Pane,
        start: Place,
        end: Place,
        button: Qt.MouseButton = Qt.MouseButton.LeftButton,
        modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    ) -> None:
        """Drag in a pane, between places given as shares of its width and height."""
        first, last = (QPoint(round(x * pane.width()), round(y * pane.height())) for x, y in (start, end))
        QTest.mousePress(pane, button, modifier, first)
        for step in range(1, 9):
            at = QPointF(first) + (QPointF(last) - QPointF(first)) * step / 8
            self._move(pane, at, button, modifier)
        QTest.mouseRelease(pane, button, modifier, last)
        self.settle()

    def point(self, pane: Pane, at: Place, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Move the mouse over a pane."""
        self._move(pane, QPointF(at[0] * pane.width(), at[1] * pane.height()), Qt.MouseButton.NoButton, modifier)
        self.settle()

    def _move(self, pane: Pane, at: QPointF, held: Qt.MouseButton, modifier: Qt.KeyboardModifier) -> None:
        place = QPointF(pane.mapToGlobal(at))
        move = QMouseEvent(QEvent.Type.MouseMove, at, place, Qt.MouseButton.NoButton, held, modifier)
        QApplication.sendEvent(pane, move)

    def do(self, action: str) -> None:
        """Choose an action from the menu."""
        self.window.actions_by_id[action].trigger()
        self.settle()

    # -- what is open --------------------------------------------------------------------------------------------

    def series(self, kind: str, study: int = 0) -> Series:
        """Return a series by its modality or contrast."""
        listed = self.window.document.catalog.studies[study].series
        return next(series for series in listed if kind in (series.modality, series.contrast))

    def open(self, folder: Path) -> None:
        """Open one more folder."""
        count = len(self.window.document.catalog.studies)
        self.window.open_paths([folder])
        window = self.window
        self.wait(lambda: len(window.document.catalog.studies) > count and not window.loader.busy, "a study to open")

    def show(self, kind: str, pane: int = 0, study: int = 0) -> Pane:
        """Show a series in one of the visible panes, and make that the active one."""
        window, series = self.window, self.series(kind, study)
        chosen = window.grid.visible_panes[pane]
        QTest.mouseClick(chosen, Qt.MouseButton.MiddleButton)
        self.expect(window.grid.active_pane is chosen, "a click on a pane")
        window.open_series(series.uid)
        self.wait(lambda: window.document.is_loaded(series.uid) and not window.loader.busy, "a series to be read")
        self.settle()
        return chosen

    def run(self, model: str, kind: str) -> list[Layer]:
        """Run a model to its end and return what it made."""
        window, uid = self.window, self.series(kind).uid
        self.wait(lambda: window.document.is_loaded(uid) and not window.loader.busy, "a series to be read")
        before = {layer.uid for layer in window.document.layers}
        job = window.run_model(model, uid)
        self.expect(job, f"a run of {model}")

        def ended() -> bool:
            return any(state.job_id == job and not state.active for state in window.runs.states)

        self.wait(lambda: ended() and not window.finding, f"{model} to end")
        return [layer for layer in window.document.layers if layer.uid not in before]


class Album:
    """The pictures taken so far."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.pictures: dict[str, bytes] = {}

    def take(self, name: str, *widgets: QWidget, crop: QRect | None = None) -> None:
        """Take a picture of widgets, side by side where there are several; ``crop`` in the first one's pixels."""
        self._desk.settle()
        parts = [picture_of(widget, crop if number == 0 else None) for number, widget in enumerate(widgets)]
        height = max(part.height for part in parts)
        whole = Image.new("RGB", (sum(part.width for part in parts) + 4 * (len(parts) - 1), height), "black")
        left = 0
        for part in parts:
            whole.paste(part, (left, 0))
            left += part.width + 4
        self.keep(name, whole)

    def keep(self, name: str, picture: Image.Image) -> None:
        """Keep a picture as WebP."""
        written = io.BytesIO()
        picture.save(written, "WEBP", quality=_QUALITY, method=6)
        self.pictures[name] = written.getvalue()


def picture_of(widget: QWidget, crop: QRect | None = None) -> Image.Image:
    """Return what a widget shows, or a part of it in its own pixels."""
    taken = widget.grab() if crop is None else widget.grab(crop)
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    taken.save(buffer, "PNG")
    return Image.open(io.BytesIO(content.data())).convert("RGB")


def part_of(window: MainWindow, widget: QWidget) -> QRect:
    """Return where a widget lies in the window."""
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


# -- parts of the window --------------------------------------------------------------------------------------------


def popped(desk: Desk, tool: QToolButton) -> QMenu:
    """Return the menu of a button as it would come up."""
    menu = tool.menu()
    menu.ensurePolished()
    menu.adjustSize()
    desk.settle()
    return menu


def menu_part(desk: Desk, action: str) -> QMenu:
    """Return the part of the menu that an action stands in."""
    button = next(tool for tool in desk.window.findChildren(QToolButton) if tool.accessibleName() == "Menu")
    for part in button.menu().findChildren(QMenu):
        if action in {entry.objectName() for entry in part.actions()}:
            part.adjustSize()
            return part
    raise MedganError(f"No pictures are made: {action} is in no menu.")


def context_menu(desk: Desk, pane: Pane) -> QMenu:
    """Right click in a pane and return the menu. Raises MedganError where none comes."""
    desk.window.grid.context_menu_asked.emit(pane, pane.mapToGlobal(QPoint(200, 200)))
    menu = QApplication.activePopupWidget()
    if not isinstance(menu, QMenu):
        raise MedganError("No pictures are made: a right click brought no menu.")
    return menu


def link_of(panel: QWidget, words: str) -> QPushButton:
    """Return the link of a panel that begins with these words."""
    return next(one for one in panel.findChildren(QPushButton) if one.text().startswith(words) and not one.isHidden())


def dialog_of(desk: Desk) -> QDialog:
    """Return the dialog that is open. Raises MedganError where none is."""
    desk.settle()
    found = [one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()]
    if not found:
        raise MedganError("No pictures are made: a dialog did not open.")
    return found[-1]


def in_rows(*rows: Sequence[Image.Image]) -> Image.Image:
    """Return pictures in rows."""
    width = max(sum(one.width + 4 for one in row) - 4 for row in rows)
    whole = Image.new("RGB", (width, sum(max(one.height for one in row) + 4 for row in rows) - 4), "black")
    top = 0
    for row in rows:
        left = 0
        for one in row:
            whole.paste(one, (left, top))
            left += one.width + 4
        top += max(one.height for one in row) + 4
    return whole
