"""Small pictures of results."""

import numpy as np

from medgan_viewer.core.display import Window
from medgan_viewer.core.layers import ImageLayer, LabelLayer, Layer
from medgan_viewer.core.slicing import turn_for
from medgan_viewer.core.volume import Voxels

__all__ = ["grey", "layer_thumbnail"]


def grey(values: Voxels, window: Window) -> Voxels:
    """Return values as uint8 grey through a window."""
    low, high = window.levels
    scaled = (values.astype(np.float32) - low) * (255.0 / (high - low))
    return np.asarray(np.clip(scaled, 0, 255).astype(np.uint8))


def layer_thumbnail(layer: Layer, index: int | None = None) -> Voxels | None:
    """Return uint8 pixels of the slice nearest to ``index`` (default: the middle) that is ready, else None."""
    ready = np.flatnonzero(layer.ready)
    if not ready.size:
        return None
    middle = len(layer.ready) // 2 if index is None else index
    nearest = int(ready[np.abs(ready - middle).argmin()])
    values = turn_for(layer.volume.plane(nearest)).image(layer.volume.array[nearest])
    if isinstance(layer, ImageLayer):
        return grey(values, Window(*layer.window))
    if isinstance(layer, LabelLayer):
        top = max((segment.label for segment in layer.segments), default=1)
        return np.asarray((values.astype(np.uint16) * 255 // top).astype(np.uint8))
    return np.asarray((np.clip(values, 0, 1) * 255).astype(np.uint8))
