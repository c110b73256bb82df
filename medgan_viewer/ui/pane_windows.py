"""A pane in a window of its own, for a second monitor: the same pane with all its marks, only elsewhere."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QGuiApplication, QKeyEvent, QMoveEvent, QResizeEvent, QScreen
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from medgan_viewer.ui import frame
from medgan_viewer.ui.panels.widgets import button
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.views.grid import ViewGrid
from medgan_viewer.ui.views.pane import Pane
from medgan_viewer.ui.window_places import WindowPlace, as_text, first_place, from_text, rectangle

__all__ = ["PaneWindow", "PaneWindows"]

# A window that is being moved is noted once it rests.
_REST_MS = 600
# The main window's number among the places.
_HOME = -1


class PaneWindow(QWidget):
    """Holds one pane. All keys do here what they do in the main window."""

    closed = Signal()
    moved = Signal()
    left = Signal()

    def __init__(self, pane: Pane, number: int, actions: Sequence[QAction], home: QMainWindow) -> None:
        super().__init__(home, Qt.WindowType.Window)
        self.pane, self._home = pane, home
        # Whether it stands elsewhere than where it belongs, its screen being gone.
        self.displaced = False
        self.setObjectName("shell")
        # No name of a patient stands in a title, which a taskbar shows to everybody.
        self.setWindowTitle(tr("Pane {0} · MedGAN Viewer · research use only").format(number))
        self.setWindowIcon(home.windowIcon())
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Window of pane {0}").format(number))
        self.addActions(list(actions))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(pane, 1)
        back = button(tr("Back into the main window"), tr("Close this window; the pane goes back to its place"), "link")
        back.clicked.connect(self.close)
        column.addWidget(frame.statusbar(back))
        pane.setFocusProxy(self)
        pane.show()

    def toggle_large(self) -> None:
        """Fill the screen, or do no longer."""
        if self.isMaximized():
            self.showNormal()
        else:
            self.showMaximized()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let the main window see what no action took: a key that is held reveals the original."""
        QCoreApplication.sendEvent(self._home, event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Let the main window see it."""
        QCoreApplication.sendEvent(self._home, event)

    def changeEvent(self, event: QEvent) -> None:
        """Tell that another window has the keyboard now, and that this one was made large or small."""
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self.left.emit()
        elif event.type() == QEvent.Type.WindowStateChange:
            self.moved.emit()
        super().changeEvent(event)

    def moveEvent(self, event: QMoveEvent) -> None:
        """Tell that it stands elsewhere."""
        super().moveEvent(event)
        self.moved.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell that it has another size."""
        super().resizeEvent(event)
        self.moved.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Give the pane back."""
        self.closed.emit()
        super().closeEvent(event)


class PaneWindows(QObject):
    """Moves panes into windows of their own and back, and knows where each such window stood."""

    # The places of all windows so far, as text that can be kept.
    placed = Signal(str)

    def __init__(self, grid: ViewGrid, home: QMainWindow) -> None:
        super().__init__(home)
        self._grid, self._home = grid, home
        self._windows: dict[Pane, PaneWindow] = {}
        self._places: dict[int, WindowPlace] = {}
        self._follows_home = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self.note)
        grid.window_large_asked.connect(lambda pane: self._windows[pane].toggle_large())
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.screenAdded.connect(self._on_screens)
            application.screenRemoved.connect(self._on_screens)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """Return what the actions call."""
        return {"layout.window": self.set_in_window}

    def remember(self, text: str) -> None:
        """Take the places that were kept."""
        if text != as_text(self._places):
            self._places = from_text(text)

    def place_home(self) -> None:
        """Bring the main window where it stood when it was closed last, and note where it stands from now on."""
        self._follows_home = True
        place = self._places.get(_HOME)
        if place is not None:
            self._home.setGeometry(rectangle(place, _screens(), self._home.screen().name()))
            if place.maximised:
                self._home.setWindowState(Qt.WindowState.WindowMaximized)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The panes that stand in windows, counted from 0."""
        return tuple(number for number, pane in enumerate(self._grid.panes) if pane in self._windows)

    def set_numbers(self, numbers: Sequence[int]) -> None:
        """Let these panes stand in windows and no others."""
        for number, pane in enumerate(self._grid.panes):
            if number in numbers:
                self.move_out(pane)
            else:
                self.bring_back(pane)

    def set_in_window(self, on: bool) -> None:
        """Move the active pane into a window of its own, or back."""
        (self.move_out if on else self.bring_back)(self._grid.active_pane)

    def has(self, pane: Pane) -> bool:
        """Whether a pane stands in a window of its own."""
        return pane in self._windows

    def move_out(self, pane: Pane) -> None:
        """Show a pane in a window of its own, where that stood before, else on another screen if there is one."""
        if pane in self._windows:
            return
        number = self._grid.panes.index(pane)
        self._grid.let_go(pane)
        window = PaneWindow(pane, number + 1, [*self._home.actions(), *self._grid.actions()], self._home)
        self._windows[pane] = window
        window.closed.connect(partial(self.bring_back, pane))
        window.left.connect(lambda: self._grid.set_revealed(False))
        self._put(window, self._places.get(number) or first_place(_screens(), self._home.screen().name()))
        window.moved.connect(self._rest.start)
        window.setFocus()
        self._grid.state_changed.emit()

    def bring_back(self, pane: Pane) -> None:
        """Show a pane in its place in the main window again."""
        if pane not in self._windows:
            return
        self.note()
        window = self._windows.pop(pane)
        self._grid.take_back(pane)
        window.hide()
        window.deleteLater()
        self._grid.state_changed.emit()

    def hide_all(self) -> None:
        """Note where all windows are, and take them out of sight."""
        self.note()
        for window in self._windows.values():
            window.hide()

    def note(self) -> None:
        """Note where all windows stand; those that only wait for their screen to come back have no new place."""
        self._rest.stop()
        before = as_text(self._places)
        for number, pane in enumerate(self._grid.panes):
            window = self._windows.get(pane)
            if window is not None and window.isVisible() and not window.displaced:
                self._places[number] = _place_of(window)
        if self._follows_home and self._home.isVisible():
            self._places[_HOME] = _place_of(self._home)
        if as_text(self._places) != before:
            self.placed.emit(as_text(self._places))

    def _put(self, window: PaneWindow, place: WindowPlace) -> None:
        screens, home = _screens(), self._home.screen().name()
        window.displaced = place.screen not in screens
        window.setGeometry(rectangle(place, screens, home))
        if place.maximised and not window.displaced:
            window.showMaximized()
        else:
            window.showNormal()

    def _on_screens(self, _screen: QScreen) -> None:
        """Look after the windows once Qt knows the new order of screens: on one that is gone nobody sees them."""
        QTimer.singleShot(0, self, self.settle)

    def settle(self) -> None:
        """Bring windows whose screen is gone to the main window's, and back to theirs when it is there again."""
        screens = _screens()
        for number, pane in enumerate(self._grid.panes):
            window, place = self._windows.get(pane), self._places.get(number)
            if window is not None and place is not None and window.displaced == (place.screen in screens):
                self._put(window, place)


def _screens() -> dict[str, QRect]:
    return {screen.name(): screen.availableGeometry() for screen in QGuiApplication.screens()}


def _place_of(window: QWidget) -> WindowPlace:
    screen, maximised = window.screen(), window.isMaximized()
    large = maximised or window.isFullScreen()
    area, shape = screen.availableGeometry(), window.normalGeometry() if large else window.geometry()
    left, top = shape.left() - area.left(), shape.top() - area.top()
    return WindowPlace(screen.name(), left, top, shape.width(), shape.height(), maximised)
