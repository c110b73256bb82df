"""A slice with its results as an RGB picture, in numpy alone: for captures, batches and the command line.

The picture shows what a pane shows: radiological convention, square pixels, the window, labels filled or outlined, the
heat map above its threshold with the outline of what exceeds it. Marks are burned in by who writes the file.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.acquired import layer_on_slice, lies_on, ready_slices
from medgan_viewer.core.colour_maps import colour_map
from medgan_viewer.core.display import Window, grey
from medgan_viewer.core.findings import smoothed
from medgan_viewer.core.layers import DoubtLayer, HeatLayer, ImageLayer, LabelLayer, Layer
from medgan_viewer.core.slicing import turn_for
from medgan_viewer.core.volume import Plane, SliceStack, Voxels, read_only

__all__ = ["Picture", "render_slice", "slices_above_threshold"]

RGB = NDArray[np.uint8]

# The smaller side of a picture, so that the burned-in words can be read.
_SMALLEST_SIDE = 512
_FINDING_COLOUR = (64, 224, 255)


@dataclass(frozen=True, eq=False)
class Picture:
    """An RGB picture, uint8 [row, column, 3], and the plane its pixels lie on."""

    pixels: RGB
    plane: Plane

    def __post_init__(self) -> None:
        if self.pixels.shape != (self.plane.rows, self.plane.columns, 3) or self.pixels.dtype != np.uint8:
            raise ValueError("a picture holds uint8 [row, column, 3] as large as its plane")
        object.__setattr__(self, "pixels", read_only(self.pixels))


def render_slice(
    stack: SliceStack,
    index: int,
    window: Window,
    layers: Sequence[Layer] = (),
    *,
    base: ImageLayer | None = None,
    inverted: bool = False,
    smallest_side: int = _SMALLEST_SIDE,
) -> Picture:
    """Return an acquired slice with its layers as a picture of at least ``smallest_side`` pixels each way.

    ``base`` is a synthetic image shown in place of the original; ``window`` is for whichever is shown, ``inverted``
    shows low values bright. Layers are drawn in order with their opacity; those whose slice is not ready or
    which are not visible are left out, but that an image fades where it is in doubt.
    """
    plane = _square(stack.plane(index), smallest_side)
    image = stack.array[index] if base is None else layer_on_slice(base, stack, index)
    pixels = _shades(_resized(image, plane), window)
    if inverted:
        pixels = 255 - pixels
    for layer in layers:
        if layer.visible and index in ready_slices(layer, stack):
            doubt = _fading(layer, layers, stack, index)
            pixels = _drawn(pixels, layer, layer_on_slice(layer, stack, index), plane, doubt)
    turn = turn_for(plane)
    return Picture(np.ascontiguousarray(turn.image(pixels)), turn.plane(plane))


def _fading(layer: Layer, layers: Sequence[Layer], stack: SliceStack, index: int) -> Voxels | None:
    """Return how much of a layer fades at each pixel of a slice, 0…1; None where none of it does."""
    for doubt in layers:
        fades = isinstance(doubt, DoubtLayer) and doubt.fades and doubt.image_uid == layer.uid
        if isinstance(doubt, DoubtLayer) and fades and index in ready_slices(doubt, stack):
            return doubt.share(layer_on_slice(doubt, stack, index))
    return None


def slices_above_threshold(layer: HeatLayer, stack: SliceStack | None = None) -> list[int]:
    """Return the ready slices on which the heat map reaches its threshold somewhere.

    They count the acquired slices where a stack is given, else those of the layer's grid.
    """
    if stack is None or lies_on(layer, stack):
        ready = [int(index) for index in np.flatnonzero(layer.ready)]
        return [index for index in ready if _score(layer.volume.array[index]).max() >= layer.threshold]
    ready = ready_slices(layer, stack)
    return [index for index in ready if _score(layer_on_slice(layer, stack, index)).max() >= layer.threshold]


def _score(heat: Voxels) -> NDArray[np.float32]:
    """Return the score of one slice that thresholds refer to."""
    return np.asarray(smoothed(heat[None])[0], dtype=np.float32)


def _shades(values: Voxels, window: Window) -> RGB:
    return np.repeat(grey(values, window)[..., None], 3, axis=2)


def _drawn(pixels: RGB, layer: Layer, values: Voxels, plane: Plane, doubt: Voxels | None = None) -> RGB:
    """Return the picture with one layer over it, an image fading where ``doubt`` says so."""
    if isinstance(layer, ImageLayer):
        shown = _shades(_resized(values, plane), Window(*layer.window))
        if layer.colour_map != "grey":
            shown = colour_map(layer.colour_map)[shown[..., 0]]
        share = np.full(pixels.shape[:2], layer.opacity)
        return _mixed(pixels, shown, share if doubt is None else share * (1 - _resized(doubt, plane)))
    if isinstance(layer, DoubtLayer):
        share = _resized(layer.share(values), plane)
        colours = colour_map(layer.colour_map)[np.rint(share * 255).astype(np.uint8)]
        return _mixed(pixels, colours, share * layer.opacity)
    if isinstance(layer, LabelLayer):
        return _with_labels(pixels, layer, _resized(values, plane, nearest=True))
    return _with_heat(pixels, layer, _resized(_score(values), plane))


def _with_labels(pixels: RGB, layer: LabelLayer, labels: Voxels) -> RGB:
    for segment in layer.segments:
        if not segment.visible:
            continue
        inside = labels == segment.label
        share = _outline(inside).astype(float) if layer.outline else inside * layer.opacity
        colour = np.array(list(bytes.fromhex(segment.colour.removeprefix("#"))), dtype=np.uint8)
        pixels = _mixed(pixels, np.broadcast_to(colour, pixels.shape), share)
    return pixels


def _with_heat(pixels: RGB, layer: HeatLayer, score: Voxels) -> RGB:
    above = score >= layer.threshold
    colours = colour_map(layer.colour_map)[np.clip(np.rint(score * 255), 0, 255).astype(np.uint8)]
    pixels = _mixed(pixels, colours, above * layer.opacity)
    return _mixed(
        pixels, np.broadcast_to(np.array(_FINDING_COLOUR, np.uint8), pixels.shape), _outline(above).astype(float)
    )


def _mixed(below: RGB, above: RGB, share: NDArray[np.floating[Any]]) -> RGB:
    """Return ``above`` laid over ``below``, ``share`` [row, column] of it."""
    weight = share[..., None]
    return np.asarray(np.rint(below * (1 - weight) + above * weight), dtype=np.uint8)


def _outline(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the pixels of a mask that have a neighbour (of four) outside it."""
    padded = np.pad(mask, 1)
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return np.asarray(mask & ~inner)


def _square(plane: Plane, smallest_side: int) -> Plane:
    """Return the same rectangle with square pixels, a whole number of them on the finer side of each acquired pixel."""
    down, along = plane.spacing
    height, width = plane.rows * down, plane.columns * along
    finest = min(down, along)
    pixel = finest / max(1, math.ceil(smallest_side * finest / min(height, width)))
    rows, columns = round(height / pixel), round(width / pixel)
    row_step, column_step = plane.row_step * plane.rows / rows, plane.column_step * plane.columns / columns
    corner = plane.point(-0.5, -0.5)
    return Plane(corner + (row_step + column_step) / 2, row_step, column_step, rows, columns)


def _resized(values: Voxels, plane: Plane, *, nearest: bool = False) -> Voxels:
    """Return the values on the finer pixels of a plane that covers the same rectangle: linear, or the nearest."""
    for axis, count in enumerate((plane.rows, plane.columns)):
        size = values.shape[axis]
        at = np.clip((np.arange(count) + 0.5) * size / count - 0.5, 0, size - 1)
        if nearest:
            values = values.take(np.floor(at + 0.5).astype(int), axis=axis)
            continue
        low = np.floor(at).astype(int)
        weight = (at - low).astype(np.float32)
        weight = weight[:, None] if axis == 0 else weight
        upper = values.take(np.minimum(low + 1, size - 1), axis=axis)
        values = values.take(low, axis=axis) * (1 - weight) + upper * weight
    return values
