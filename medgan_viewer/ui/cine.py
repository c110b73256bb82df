"""Playing through the slices of the active pane, or through the time points of its series."""

from collections.abc import Callable, Sequence
from typing import Literal

from PySide6.QtCore import QElapsedTimer, QObject, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QSlider, QSpinBox, QWidget

from medgan_viewer.core.cine import Course, played
from medgan_viewer.core.document import Document
from medgan_viewer.ui.panels.widgets import button
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.type_size import scaled
from medgan_viewer.ui.views.grid import ViewGrid

__all__ = ["RATES", "Cine", "CineBar"]

# Pictures a second, for the keys that make it faster and slower.
RATES = (1, 2, 3, 5, 8, 10, 12, 15, 20, 25, 30, 40, 60)
_USUAL = 10
_SECOND = 1000

Axis = Literal["slices", "time"]
# In the order of the choices.
_AXES: tuple[Axis, ...] = ("slices", "time")
_COURSES: tuple[Course, ...] = ("loop", "bounce")


class Cine(QObject):
    """Plays at a rate; where the machine is too slow for it, pictures are left out and the rate is kept."""

    changed = Signal()

    def __init__(self, document: Document, grid: ViewGrid, show_time: Callable[[int], None], parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._grid, self._show_time = document, grid, show_time
        self.rate = _USUAL
        self.course: Course = "loop"
        self.axis: Axis = "slices"
        self._direction, self._done = 1, 0
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_tick)

    @property
    def playing(self) -> bool:
        """Whether it plays."""
        return self._timer.isActive()

    @property
    def position(self) -> tuple[int, int]:
        """Which picture is shown (from 0), and how many there are."""
        if self.axis == "time":
            return self._time()
        pane = self._grid.active_pane
        return pane.slice_index(), pane.slice_count()

    @property
    def has_time(self) -> bool:
        """Whether the selected series was imaged again and again."""
        return self._time()[1] > 1

    def play(self, on: bool) -> None:
        """Play or stop; what cannot be played stays where it is."""
        if on and self.axis == "time" and not self.has_time:
            self.axis = "slices"
        if on and self.position[1] > 1:
            self._begin()
        else:
            self._timer.stop()
            self._grid.come_to_rest()
        self.changed.emit()

    def set_rate(self, rate: int) -> None:
        """Show so many pictures a second."""
        self.rate = min(max(rate, RATES[0]), RATES[-1])
        self._restart()

    def change_rate(self, by: int) -> None:
        """Play faster or slower by a step."""
        other = [rate for rate in RATES if (rate > self.rate if by > 0 else rate < self.rate)]
        if other:
            self.set_rate(other[0] if by > 0 else other[-1])

    def set_course(self, course: Course) -> None:
        """Begin again after the last picture, or go there and back."""
        self.course, self._direction = course, 1
        self._restart()

    def set_axis(self, axis: Axis) -> None:
        """Play slices or time points."""
        self.axis = axis
        self._direction = 1
        self._restart()

    def go_to(self, position: int) -> None:
        """Show a picture by its number from 0."""
        if self.axis == "time":
            self._show_time(position)
        else:
            self._grid.go_to_slice(position)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """Return what the actions call."""
        return {
            "cine.play": self.play,
            "cine.faster": lambda: self.change_rate(1),
            "cine.slower": lambda: self.change_rate(-1),
            "cine.bounce": lambda on: self.set_course("bounce" if on else "loop"),
            "cine.time": lambda on: self.set_axis("time" if on else "slices"),
        }

    def _restart(self) -> None:
        if self.playing:
            self._begin()
        self.changed.emit()

    def _begin(self) -> None:
        self._done = 0
        self._clock.start()
        self._timer.start(_SECOND // self.rate)

    def _on_tick(self) -> None:
        position, count = self.position
        if count < 2:
            self.play(False)
            return
        if self.axis == "time" and not self._document.is_loaded(self._document.selected_series or ""):
            # What has not been read is waited for, and not left out.
            self._begin()
            return
        due = round(self._clock.elapsed() * self.rate / _SECOND) - self._done
        if due > 0:
            self._done += due
            after, self._direction = played(position, count, due, self.course, self._direction)
            self.go_to(after)
            self.changed.emit()

    def _time(self) -> tuple[int, int]:
        uid = self._document.selected_series
        if uid is None or self._document.opened(uid) is None:
            return 0, 0
        try:
            series = self._document.catalog.series(uid)
        except KeyError:
            return 0, 0
        return series.time, len(series.times)


class CineBar(QWidget):
    """The bar below the images while something is played: play and stop, place, rate, course."""

    closed = Signal()

    def __init__(self, cine: Cine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cine = cine
        self.setObjectName("cineBar")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 12, 4)
        self.play = QPushButton()
        self.play.setMinimumWidth(self.fontMetrics().horizontalAdvance(tr("Pause")) + scaled(40))
        self.play.clicked.connect(lambda: cine.play(not cine.playing))
        self.place = QSlider(Qt.Orientation.Horizontal)
        self.place.setAccessibleName(tr("Picture shown"))
        self.place.valueChanged.connect(cine.go_to)
        self.words = QLabel()
        self.rate = QSpinBox()
        self.rate.setRange(RATES[0], RATES[-1])
        self.rate.setSuffix(tr(" / s"))
        self.rate.setAccessibleName(tr("Pictures a second"))
        self.rate.valueChanged.connect(cine.set_rate)
        courses = (tr("From the start again"), tr("There and back"))
        self.course = _choice(tr("What follows the last picture"), courses)
        self.course.activated.connect(lambda number: cine.set_course(_COURSES[number]))
        self.axis = _choice(tr("What is played"), (tr("Slices"), tr("Time points")))
        self.axis.activated.connect(lambda number: cine.set_axis(_AXES[number]))
        close = button(tr("Close"), tr("Stop and close this bar"), "link")
        close.clicked.connect(self.close_bar)
        row.addWidget(self.play)
        row.addWidget(self.place, 1)
        for widget in (self.words, self.rate, self.course, self.axis, close):
            row.addWidget(widget)
        for control in (self.play, self.place, self.rate, self.course, self.axis):
            control.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        cine.changed.connect(self.follow)
        self.hide()

    def close_bar(self) -> None:
        """Stop and go away."""
        self._cine.play(False)
        self.hide()
        self.closed.emit()

    def follow(self) -> None:
        """Show how things stand."""
        cine = self._cine
        position, count = cine.position
        words = tr("Pause") if cine.playing else tr("Play")
        self.play.setText(words)
        self.play.setAccessibleName(words)
        blocked = [QSignalBlocker(widget) for widget in (self.place, self.rate)]
        self.place.setRange(0, max(count - 1, 0))
        self.place.setValue(position)
        self.rate.setValue(cine.rate)
        for one in blocked:
            one.unblock()
        self.words.setText(f"{position + 1} / {count}")
        self.course.setCurrentIndex(_COURSES.index(cine.course))
        self.axis.setCurrentIndex(_AXES.index(cine.axis))
        self.axis.setVisible(cine.has_time)


def _choice(name: str, words: Sequence[str]) -> QComboBox:
    made = QComboBox()
    made.setAccessibleName(name)
    made.setToolTip(name)
    made.addItems(list(words))
    return made
