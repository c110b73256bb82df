"""The time axis of a series that was imaged again and again: one slider below the images."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QWidget

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.document import CatalogChanged, Change, Document, SelectionChanged
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.type_size import scaled

__all__ = ["TimeBar"]


class TimeBar(QWidget):
    """Shows which time point of the selected series is shown, and asks for another; hidden where there is one alone."""

    time_asked = Signal(int)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.setObjectName("timeBar")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 12, 4)
        self.words = QLabel("")
        self.words.setMinimumWidth(scaled(170))
        row.addWidget(self.words)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.slider.setAccessibleName(tr("Time point"))
        self.slider.setPageStep(1)
        self.slider.valueChanged.connect(self.time_asked.emit)
        row.addWidget(self.slider, 1)
        document.subscribe(self._on_change)
        self._follow()

    def _on_change(self, change: Change) -> None:
        if isinstance(change, SelectionChanged | CatalogChanged):
            self._follow()

    def _follow(self) -> None:
        series = self._series()
        self.setVisible(series is not None)
        if series is None:
            return
        blocked = QSignalBlocker(self.slider)
        self.slider.setRange(0, len(series.times) - 1)
        self.slider.setValue(series.time)
        blocked.unblock()
        when = series.time_labels[series.time] if series.time_labels else ""
        words = tr("Time {0} of {1}").format(series.time + 1, len(series.times))
        self.words.setText(f"{words} · {when}" if when else words)

    def _series(self) -> Series | None:
        """Return the selected series where it has a time axis."""
        uid = self._document.selected_series
        try:
            series = None if uid is None else self._document.catalog.series(uid)
        except KeyError:
            return None
        return series if series is not None and series.times else None
