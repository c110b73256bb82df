"""Small pictures of results."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from medgan_viewer.core.display import Window, grey
from medgan_viewer.core.layers import DoubtLayer, ImageLayer, LabelLayer, Layer
from medgan_viewer.core.slicing import turn_for
from medgan_viewer.core.volume import Voxels
from medgan_viewer.ui.panels.widgets import picture

__all__ = ["framed", "layer_thumbnail"]

_CARD = 84


def framed(pixels: Voxels | None, *, synthetic: bool, ratio: float) -> QLabel:
    """Return the square of a card with a picture in it, if there is one; what is synthetic has a violet frame."""
    made = QLabel()
    made.setObjectName("thumbnail")
    made.setProperty("synthetic", "true" if synthetic else "false")
    made.setFixedSize(_CARD + 4, _CARD + 4)
    made.setAlignment(Qt.AlignmentFlag.AlignCenter)
    if pixels is not None:
        made.setPixmap(picture(pixels, _CARD, ratio))
    return made


def layer_thumbnail(layer: Layer, index: int | None = None) -> Voxels | None:
    """Return uint8 pixels of the slice nearest to ``index`` (default: the middle) that is ready, else None.

    They are grey, [row, column], but for a segmentation: [row, column, 3] in the colours of its segments on black.
    """
    ready = np.flatnonzero(layer.ready)
    if not ready.size:
        return None
    middle = len(layer.ready) // 2 if index is None else index
    nearest = int(ready[np.abs(ready - middle).argmin()])
    values = turn_for(layer.volume.plane(nearest)).image(layer.volume.array[nearest])
    if isinstance(layer, ImageLayer):
        return grey(values, Window(*layer.window))
    if isinstance(layer, LabelLayer):
        colours = np.zeros((256, 3), np.uint8)
        for segment in layer.segments:
            colours[segment.label] = list(bytes.fromhex(segment.colour.removeprefix("#")))
        return np.asarray(colours[values])
    scores = layer.share(values) if isinstance(layer, DoubtLayer) else np.clip(values, 0, 1)
    return np.asarray((scores * 255).astype(np.uint8))
