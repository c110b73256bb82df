"""The control of a model on its card, such as *sober ↔ sharp*, and the switch for how far off its pictures may be."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QSizePolicy, QSlider, QVBoxLayout, QWidget

from medgan_viewer.models.doubt import CONTROLS, Control, Wording
from medgan_viewer.ui.panels.widgets import label
from medgan_viewer.ui.translation import numbers, tr
from medgan_viewer.wording import marked

__all__ = ["ControlRow"]

_NAMES = {"sharpness": marked("sharpness"), "strength": marked("strength")}


class _Words(QLabel):
    """What a check box says, on as many lines as its words need; a click on them is one on the box."""

    def __init__(self, box: QCheckBox, text: str) -> None:
        super().__init__(text)
        self._box = box
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tick the box, or take the tick away."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self._box.click()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the press, so that the release comes here too."""
        event.accept()


class ControlRow(QWidget):
    """A slider over the stops of a model's `control` (none where it has none) and a check box for doubt."""

    chosen = Signal(float)
    doubt_asked = Signal(bool)

    def __init__(self, name: str, control: Control | None) -> None:
        super().__init__()
        self._stops = () if control is None else control.stops
        self._wording = CONTROLS["sharpness"] if control is None else control.wording
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 0)
        column.setSpacing(3)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, max(len(self._stops) - 1, 0))
        self.slider.setPageStep(1)
        self.slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        called = "sharpness" if control is None else control.name
        low, high = tr(self._wording.low), tr(self._wording.high)
        self.slider.setAccessibleName(
            tr("{0} of {1}, from {2} to {3}").format(tr(_NAMES[called]).capitalize(), name, low, high)
        )
        self.slider.setToolTip(tr(self._wording.meaning))
        self.slider.valueChanged.connect(lambda place: self.chosen.emit(self._stops[place]))
        self.line = label("", "quiet")
        # Below the slider, which has the whole width: in some languages its ends have long names.
        ends = [label(end.capitalize(), "quiet", wrap=False) for end in (low, high)]
        row = QHBoxLayout()
        row.addWidget(ends[0])
        row.addStretch(1)
        row.addWidget(ends[1])
        column.addWidget(self.slider)
        column.addLayout(row)
        column.addWidget(self.line)
        for part in (self.slider, *ends, self.line):
            part.setVisible(bool(self._stops))
        self.doubt = QCheckBox()
        self.doubt.setToolTip(tr("Draw the doubt of {0} over its images").format(name))
        self.doubt.setAccessibleName(tr("Show how far off {0} may be").format(name))
        self.doubt.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.doubt.toggled.connect(self.doubt_asked)
        self.doubt_words = _Words(self.doubt, tr(self._wording.show_difference))
        self.doubt_words.setToolTip(self.doubt.toolTip())
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.doubt)
        row.addWidget(self.doubt_words, 1)
        column.addLayout(row)

    def follow(self, degree: float, *, alive: bool, doubt: bool) -> None:
        """Show what is chosen; doubt can be asked for where the result is ``alive``."""
        blocked = [QSignalBlocker(one) for one in (self.slider, self.doubt)]
        if degree in self._stops:
            self.slider.setValue(self._stops.index(degree))
        self.line.setText(_said(self._wording, degree))
        for part in (self.doubt, self.doubt_words):
            part.setVisible(alive)
        self.doubt.setChecked(doubt)
        for one in blocked:
            one.unblock()


def _said(wording: Wording, chosen: float) -> str:
    if chosen in (0, 1):
        return tr(wording.at_high if chosen else wording.at_low)
    return numbers(tr(wording.between).format(chosen))
