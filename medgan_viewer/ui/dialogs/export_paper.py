"""What is for people and not for programs: the report as PDF, and films of synthetic images."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from medgan_viewer.core.layers import ImageLayer
from medgan_viewer.ui.panels.widgets import button, label
from medgan_viewer.ui.translation import tr

__all__ = ["PaperChoice"]


class PaperChoice(QWidget):
    """Ticks for the report and for films; ``changed`` after every change, ``preview_asked`` to see the report first."""

    changed = Signal()
    preview_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._images: tuple[ImageLayer, ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(label(tr("REPORT (PDF)"), "heading"))
        row = QHBoxLayout()
        self.report = QCheckBox(tr("Report on this study"))
        self.report.toggled.connect(lambda _: self.changed.emit())
        row.addWidget(self.report)
        row.addStretch()
        self.preview = button(tr("Preview"), tr("See the pages of the report before they are written"), "link")
        self.preview.clicked.connect(self.preview_asked)
        row.addWidget(self.preview)
        column.addLayout(row)
        column.addWidget(
            label(
                tr("Pictures, findings with verdicts, volumes, measurements, and what the models' cards say."), "quiet"
            )
        )
        self._heading = label(tr("FILMS OF SYNTHETIC IMAGES"), "heading")
        column.addWidget(self._heading)
        row = QHBoxLayout()
        self.films = {".mp4": QCheckBox("MP4"), ".gif": QCheckBox("GIF")}
        for suffix, box in self.films.items():
            box.setAccessibleName(tr("Films as {0}").format(suffix[1:].upper()))
            box.toggled.connect(lambda _: self.changed.emit())
            row.addWidget(box)
        row.addStretch()
        column.addLayout(row)
        self._about = label("", "quiet")
        column.addWidget(self._about)
        self.offer(())

    def offer(self, images: Sequence[ImageLayer]) -> None:
        """Offer films of these."""
        self._images = tuple(images)
        for widget in (self._heading, self._about, *self.films.values()):
            widget.setVisible(bool(images))
        names = ", ".join(layer.name for layer in images)
        self._about.setText(tr("{0}: slice after slice, the mark in every frame.").format(names))

    @property
    def chosen(self) -> bool:
        """Whether anything is ticked."""
        return self.report.isChecked() or bool(self.wanted_films)

    @property
    def wanted_films(self) -> tuple[tuple[ImageLayer, str], ...]:
        """The films that are wanted: of which image, and the suffix of the file."""
        wanted = [suffix for suffix, box in self.films.items() if box.isChecked()]
        return tuple((layer, suffix) for layer in self._images for suffix in wanted)
