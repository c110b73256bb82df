"""A result on the planes where its source was acquired.

Layers lie on the source's regular grid. For an evenly spaced source that is the acquired grid itself, and values are
handed through untouched; for a tilted or unevenly spaced one they are resampled back onto each acquired plane.
"""

import numpy as np

from medgan_viewer.core.layers import ImageLayer, LabelLayer, Layer
from medgan_viewer.core.regrid import extract
from medgan_viewer.core.volume import SliceStack, Voxels

__all__ = ["layer_on_slice", "lies_on", "ready_slices"]

# Share of a grid step within which an acquired plane counts as lying on a slice of the grid.
_ON_GRID = 1e-3
_AIR_HU = -1000.0


def lies_on(layer: Layer, stack: SliceStack) -> bool:
    """Whether the layer's slices are the acquired ones, voxel for voxel."""
    if not stack.is_regular or layer.volume.shape != stack.array.shape:
        return False
    acquired = np.stack([stack.slice_step, stack.row_step, stack.column_step, stack.origins[0]], axis=1)
    # A tenth of a micrometre per voxel: positions are decimal strings, and nothing is computed from them in between.
    return bool(np.abs(layer.volume.affine[:3] - acquired).max() < 1e-4)


def layer_on_slice(layer: Layer, stack: SliceStack, index: int) -> Voxels:
    """Return the layer's values on an acquired slice, [row, column], in the layer's own type.

    Labels take the nearest voxel; images and heat maps are interpolated linearly, and integers rounded. Outside the
    layer's grid all is 0, but for a synthetic CT, where it is air.
    """
    if lies_on(layer, stack):
        return np.asarray(layer.volume.array[index])
    nearest = isinstance(layer, LabelLayer)
    fill = _AIR_HU if isinstance(layer, ImageLayer) and layer.volume.unit == "HU" else 0.0
    values = extract(layer.volume, stack.plane(index), nearest=nearest, fill=fill)
    if np.issubdtype(layer.volume.array.dtype, np.integer):
        values = np.rint(values)
    return values.astype(layer.volume.array.dtype, copy=False)


def ready_slices(layer: Layer, stack: SliceStack) -> list[int]:
    """Return the acquired slices for which every grid slice they are made from is ready."""
    if lies_on(layer, stack):
        return [int(i) for i in np.flatnonzero(layer.ready)]
    return [i for i in range(len(stack)) if _is_ready(layer, stack, i)]


def _is_ready(layer: Layer, stack: SliceStack, index: int) -> bool:
    # Acquired planes run parallel to the grid's slices, so that one coordinate tells which of them are mixed.
    position = float(layer.volume.index(stack.origins[index])[0])
    low, high = np.floor(position + _ON_GRID), np.ceil(position - _ON_GRID)
    last = len(layer.ready) - 1
    return bool(layer.ready[int(np.clip(low, 0, last))] and layer.ready[int(np.clip(high, 0, last))])
