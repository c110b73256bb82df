"""One key image in the list below the images: its picture, where it lies, and that it can be taken away."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from medgan_viewer.core.acquired import layer_on_slice
from medgan_viewer.core.display import grey
from medgan_viewer.core.document import Document
from medgan_viewer.core.key_images import KeyImage
from medgan_viewer.core.layers import ImageLayer
from medgan_viewer.core.slicing import turn_for
from medgan_viewer.core.volume import Voxels
from medgan_viewer.ui.panels.thumbnails import framed
from medgan_viewer.ui.panels.widgets import Card, button, label
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.type_size import scaled

__all__ = ["KeyImageCard", "key_picture"]

_WIDE = 240


def key_picture(document: Document, key: KeyImage) -> Voxels | None:
    """Return uint8 pixels of a key image, the right way round; None while the slice has not been read."""
    opened = document.opened(key.series_uid)
    if opened is None or not opened.has_read(key.index):
        return None
    layer = document.layer(key.layer_uid) if key.layer_uid else None
    values = opened.stack.array[key.index] if layer is None else layer_on_slice(layer, opened.stack, key.index)
    turned = turn_for(opened.stack.plane(key.index)).image(values)
    return grey(turned, document.window(key.layer_uid or key.series_uid))


class KeyImageCard(Card):
    """A picture that a click leads to."""

    chosen = Signal(object)
    removed = Signal(object)

    def __init__(self, document: Document, key: KeyImage) -> None:
        super().__init__()
        self.key = key
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedWidth(scaled(_WIDE))
        series = document.catalog.series(key.series_uid)
        layer = document.layer(key.layer_uid) if key.layer_uid else None
        synthetic = isinstance(layer, ImageLayer) or series.synthetic or series.simulated
        name = (series.description or series.modality) if layer is None else layer.name
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(framed(key_picture(document, key), synthetic=synthetic, ratio=self.devicePixelRatioF()))
        lines = QVBoxLayout()
        lines.setSpacing(2)
        lines.addWidget(label(tr("Key image · slice {0}").format(key.index + 1), "title"))
        lines.addWidget(label(name if layer is None else f"{name} · SYNTHETIC", "quiet"))
        lines.addStretch()
        self.remove = button(tr("Remove"), tr("Take the mark of slice {0} away").format(key.index + 1), "link")
        self.remove.clicked.connect(lambda: self.removed.emit(self.key))
        lines.addWidget(self.remove)
        row.addLayout(lines, 1)
        self.column.addLayout(row)
        self.setAccessibleName(tr("Key image, {0}, slice {1}").format(name, key.index + 1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to it."""
        self.chosen.emit(self.key)
        super().mousePressEvent(event)
