"""The control *sober ↔ sharp* on a model's card, and the switch for how far off its pictures may be."""

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from medgan_viewer.ui.panels.widgets import label

__all__ = ["SharpnessControl"]


class SharpnessControl(QWidget):
    """A slider over the stops of a model (none where it has no such control) and a check box for doubt."""

    chosen = Signal(float)
    doubt_asked = Signal(bool)

    def __init__(self, name: str, stops: Sequence[float]) -> None:
        super().__init__()
        self._stops = tuple(stops)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 0)
        column.setSpacing(3)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, max(len(self._stops) - 1, 0))
        self.slider.setPageStep(1)
        self.slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.slider.setAccessibleName(f"Sharpness of {name}, from sober to sharp")
        self.slider.setToolTip("How much the adversary has its say: what differs between the ends is what it added")
        self.slider.valueChanged.connect(lambda place: self.chosen.emit(self._stops[place]))
        self.line = label("", "quiet")
        if self._stops:
            row = QHBoxLayout()
            row.setSpacing(6)
            row.addWidget(label("Sober", "quiet", wrap=False))
            row.addWidget(self.slider, 1)
            row.addWidget(label("Sharp", "quiet", wrap=False))
            column.addLayout(row)
            column.addWidget(self.line)
        self.doubt = QCheckBox("Show how far off it may be")
        self.doubt.setToolTip(f"Draw the doubt of {name} over its images")
        self.doubt.setAccessibleName(f"Show how far off {name} may be")
        self.doubt.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.doubt.toggled.connect(self.doubt_asked)
        column.addWidget(self.doubt)

    def follow(self, sharpness: float, *, alive: bool, doubt: bool) -> None:
        """Show what is chosen; doubt can be asked for where the result is ``alive``."""
        blocked = [QSignalBlocker(one) for one in (self.slider, self.doubt)]
        if sharpness in self._stops:
            self.slider.setValue(self._stops.index(sharpness))
        self.line.setText(_said(sharpness))
        self.doubt.setVisible(alive)
        self.doubt.setChecked(doubt)
        for one in blocked:
            one.unblock()


def _said(sharpness: float) -> str:
    if sharpness == 0:
        return "Sober: what the same network makes without an adversary."
    if sharpness == 1:
        return "Sharp: with all the texture that its adversary taught it."
    return f"Between: {sharpness:g} of its adversary's weight."
