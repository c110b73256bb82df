"""The fixed samples over time. Every picture is drawn together with its mark."""

from collections import OrderedDict
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QSlider, QVBoxLayout, QWidget

from medgan_viewer.ui.lab.reading import UNDER_WAY, RunView
from medgan_viewer.ui.panels.widgets import label
from medgan_viewer.ui.theme import Theme
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.views.mark import Mark, draw_marks, place_marks

__all__ = ["SamplesPanel", "SyntheticPicture"]

_KEPT = 24
"""Pictures that are kept, so that a slider drawn back and forth does not read them again."""


class SyntheticPicture(QWidget):
    """A picture that a model made, with the violet border and label in the same pass."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._image = QImage()
        self._words: tuple[str, ...] = ()
        self._instead = ""
        self.setMinimumSize(180, 150)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def image(self) -> QImage:
        """The picture; null while there is none."""
        return self._image

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a look."""
        self._theme = theme
        self.update()

    def show_image(self, image: QImage, who: str) -> None:
        """Show a picture that `who` made."""
        self._image, self._instead = image, ""
        short = "SYNTHETIC · not for diagnosis"
        self._words = (f"SYNTHETIC · {who} · not for diagnosis", f"{short}\n{who}", short, "SYNTHETIC")
        self.setAccessibleName(self._words[0])
        self.update()

    def show_nothing(self, sentence: str) -> None:
        """Show a sentence instead of a picture."""
        self._image, self._instead = QImage(), sentence
        self.setAccessibleName(sentence)
        self.update()

    def sizeHint(self) -> QSize:
        """Return a size at which a grid of samples can be read."""
        return QSize(340, 340)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the picture and its mark."""
        painter = QPainter(self)
        area = QRectF(self.rect())
        painter.fillRect(area, Qt.GlobalColor.black)
        if self._image.isNull():
            painter.setPen(QColor(self._theme.image_quiet_text))
            painter.drawText(area.adjusted(16, 8, -16, -8), _CENTRED, self._instead)
        else:
            places = place_marks(area, Mark(self._words))
            # The label stands below the picture, never over it.
            free = area.adjusted(4, 4, -4, places[0].area.top() - area.bottom() - 4)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(_fitted(self._image.size(), free), self._image)
            draw_marks(painter, area, places, self._theme)
        painter.end()


_CENTRED = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)


class SamplesPanel(QWidget):
    """The picture at the slider's place in time; at its right end it follows the training."""

    picture_wanted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        row = QHBoxLayout()
        row.addWidget(label(tr("FIXED SAMPLES"), "heading", wrap=False))
        row.addStretch(1)
        self.step = QLabel("")
        self.step.setObjectName("quiet")
        row.addWidget(self.step, 0, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(row)
        self.picture = SyntheticPicture(theme)
        column.addWidget(self.picture, 1)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(tr("Samples over time"))
        self.slider.setToolTip(tr("Samples over time; at the right end the newest"))
        self.slider.valueChanged.connect(self._on_moved)
        column.addWidget(self.slider)
        self._view: RunView | None = None
        self._kept: OrderedDict[Path, QImage] = OrderedDict()
        self._show_chosen()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a look."""
        self.picture.set_theme(theme)

    def show_run(self, view: RunView | None) -> None:
        """Show a run's samples."""
        before = self._view
        another = before is None or view is None or before.path != view.path
        newest = another or self.slider.value() == self.slider.maximum()
        self._view = view
        if another:
            self._kept.clear()
        count = len(view.samples) if view is not None else 0
        if not another and before is not None and view is not None and before.samples == view.samples and count:
            return
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(count - 1, 0))
        if newest:
            self.slider.setValue(self.slider.maximum())
        self.slider.blockSignals(False)
        self.slider.setEnabled(count > 1)
        self._show_chosen()

    def take_picture(self, path: Path, image: QImage) -> None:
        """Take a picture that was read; it is shown if it is still the chosen one."""
        self._kept[path] = image
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        if path == self._chosen():
            self._show_chosen()

    def _on_moved(self, _value: int) -> None:
        self._show_chosen()

    def _chosen(self) -> Path | None:
        if self._view is None or not self._view.samples:
            return None
        sample = self._view.samples[min(self.slider.value(), len(self._view.samples) - 1)]
        return self._view.path / "samples" / Path(sample.file).name

    def _show_chosen(self) -> None:
        path = self._chosen()
        if path is None or self._view is None:
            self.step.setText("")
            under_way = self._view is None or self._view.status in UNDER_WAY
            self.picture.show_nothing(tr("No samples yet.") if under_way else tr("This training has no samples."))
            return
        sample = self._view.samples[min(self.slider.value(), len(self._view.samples) - 1)]
        self.step.setText(tr("step {0:,}").format(sample.step).replace(",", " "))
        image = self._kept.get(path)
        if image is None:
            self.picture_wanted.emit(path)
        elif image.isNull():
            self.picture.show_nothing(tr("The samples of this step cannot be read."))
        else:
            self.picture.show_image(image, self._view.title)


def _fitted(size: QSize, area: QRectF) -> QRectF:
    """Return the largest rectangle of a picture's shape in the middle of an area."""
    scale = min(area.width() / max(size.width(), 1), area.height() / max(size.height(), 1))
    width, height = size.width() * scale, size.height() * scale
    return QRectF(area.center().x() - width / 2, area.center().y() - height / 2, width, height)
