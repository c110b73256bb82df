"""From values to pictures that Qt draws: one numpy pass each, at the resolution of the slice."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from medgan_viewer.core.colour_maps import colour_map
from medgan_viewer.core.display import Window, shades
from medgan_viewer.core.findings import smoothed
from medgan_viewer.core.layers import DoubtLayer, HeatLayer, LabelLayer, Segment
from medgan_viewer.ui.views.slices import Sample

__all__ = [
    "Overlay",
    "Overlays",
    "Parts",
    "colour_image",
    "difference_image",
    "doubt_overlays",
    "faded",
    "graphics_overlays",
    "grey_image",
    "heat_overlays",
    "in_colours",
    "label_overlays",
    "outline_parts",
]

# The line around what exceeds the threshold of a heat map: no colour of the map and none of the theme's signals.
_CONTOUR = 0xFF40E0FF
# The lines and words of overlay planes.
_GRAPHICS = 0xFFF0E68C
_LARGEST_OUTLINE = 1_200_000
_MOST_PARTS = 12

Parts = tuple[int, int]
Box = tuple[slice, slice]


@dataclass(frozen=True, eq=False)
class Overlay:
    """A picture over the rows and columns ``box`` of a slice. Labels and lines are magnified without smoothing."""

    image: QImage
    box: Box
    opacity: float = 1.0
    smooth: bool = True


class Overlays(list[Overlay]):
    """The pictures of one result, which panes share as long as one shows them."""


def grey_image(sample: Sample, window: Window, *, inverted: bool = False) -> QImage:
    """Return the values through a window; pixels without a value are transparent."""
    low, high = window.levels
    gain = 255.0 / (high - low)
    if inverted:
        low, gain = high, -gain
    # Arithmetic in float32 beats a look-up table: no index has to be widened to 64 bits.
    if window.is_straight:
        scaled = np.multiply(sample.values, np.float32(gain), dtype=np.float32)
        scaled += np.float32(0.5 - low * gain)
    else:
        scaled = shades(sample.values, window)
        scaled = (255 - scaled if inverted else scaled) + np.float32(0.5)
    if sample.values.dtype.kind == "f":
        np.nan_to_num(scaled, copy=False)
    np.clip(scaled, 0, 255, out=scaled)
    # 32 bits are drawn several times faster than 8.
    argb = scaled.astype(np.int32).view(np.uint32)
    argb *= np.uint32(0x010101)
    argb |= np.uint32(0xFF000000)
    if sample.valid is None:
        return _image(argb, QImage.Format.Format_RGB32)
    argb[~sample.valid] = 0
    return _image(argb)


def colour_image(colour: NDArray[np.uint8], *, inverted: bool = False) -> QImage:
    """Return RGB pixels [row, column, 3] as they are: no window is laid over colours."""
    red, green, blue = ((255 - colour if inverted else colour)[..., n].astype(np.uint32) for n in range(3))
    argb: NDArray[np.uint32] = np.uint32(0xFF000000) | red << np.uint32(16) | green << np.uint32(8) | blue
    return _image(argb, QImage.Format.Format_RGB32)


def difference_image(shades: Sample, colours: str) -> QImage:
    """Return places in a map of differences as its colours; pixels without a value are transparent."""
    argb = _opaque(colours).take(shades.values, mode="wrap")
    if shades.valid is None:
        return _image(argb, QImage.Format.Format_RGB32)
    argb[~shades.valid] = 0
    return _image(argb)


def in_colours(image: QImage, colours: str) -> QImage:
    """Return a picture of greys in the colours of a map; what is transparent stays so."""
    rows, columns = image.height(), image.width()
    argb = np.frombuffer(image.constBits(), np.uint32).reshape(rows, columns)
    mapped = _opaque(colours).take(argb & np.uint32(255))
    mapped[argb >> np.uint32(24) == 0] = 0
    return _image(mapped, image.format())


def _opaque(colours: str) -> NDArray[np.uint32]:
    """Return the 256 colours of a map as 0xFFRRGGBB."""
    red, green, blue = colour_map(colours).astype(np.uint32).T
    table: NDArray[np.uint32] = np.uint32(0xFF000000) | red << np.uint32(16) | green << np.uint32(8) | blue
    return table


def graphics_overlays(drawn: NDArray[np.bool_]) -> list[Overlay]:
    """Return what an image's own overlay planes draw."""
    box = _box(drawn, 1)
    if box is None:
        return []
    return [Overlay(_image(np.where(drawn[box], np.uint32(_GRAPHICS), np.uint32(0))), box, smooth=False)]


def label_overlays(sample: Sample, layer: LabelLayer, parts: Parts = (1, 1)) -> Overlays:
    """Return the labels in their colours: filled with the layer's opacity, or lines where it is an outline.

    ``parts`` refines the rows and columns of an outline, so that its lines stay thin when they are magnified.
    """
    labels = sample.values
    if not all(segment.visible for segment in layer.segments):
        hidden = [segment.label for segment in layer.segments if not segment.visible]
        labels = np.where(np.isin(labels, hidden), np.uint8(0), labels)
    if sample.valid is not None:
        labels = np.where(sample.valid, labels, np.uint8(0))
    box = _box(labels > 0, 1)
    if box is None:
        return Overlays()
    labels = labels[box]
    if not layer.outline:
        return Overlays([Overlay(_image(_coloured(labels, layer.segments, layer.opacity)), box, smooth=False)])
    fine = _refined(labels, parts)
    fine[~_edges(fine)] = 0
    return Overlays([Overlay(_image(_coloured(fine, layer.segments, 1.0)), box, smooth=False)])


def heat_overlays(sample: Sample, layer: HeatLayer, parts: Parts = (1, 1)) -> Overlays:
    """Return the heat map above its threshold in its colours, and the line around what exceeds it."""
    # The score is a mean over 3 × 3 pixels: where it reaches the threshold, one of them does.
    box = _box(sample.values >= layer.threshold, 2)
    if box is None:
        return Overlays()
    score = smoothed(sample.values[box][None])[0]
    above = score >= layer.threshold
    if sample.valid is not None:
        above &= sample.valid[box]
    level = np.clip(np.rint(score * 255), 0, 255).astype(np.uint8)
    colours = _premultiplied(colour_map(layer.colour_map).astype(np.uint32), layer.opacity)[level]
    colours[~above] = 0
    fine = _refined(above.view(np.uint8), parts)
    line = np.where(_edges(fine) & (fine > 0), np.uint32(_CONTOUR), np.uint32(0))
    return Overlays([Overlay(_image(colours), box), Overlay(_image(line), box, smooth=False)])


def doubt_overlays(sample: Sample, layer: DoubtLayer) -> Overlays:
    """Return the doubt in its colours, the more opaque the wider it is."""
    share = _valid_share(sample, layer)
    box = _box(share > 0, 1)
    if box is None:
        return Overlays()
    # One colour and opacity for each level, as Qt wants them multiplied.
    levels = np.arange(256)
    alpha = np.rint(levels * layer.opacity).astype(np.uint32)
    red, green, blue = (
        colour_map(layer.colour_map)[:, channel].astype(np.uint32) * alpha // 255 for channel in range(3)
    )
    table = np.asarray(alpha << np.uint32(24) | red << np.uint32(16) | green << np.uint32(8) | blue, dtype=np.uint32)
    return Overlays([Overlay(_image(table[np.rint(share[box] * 255).astype(np.uint8)]), box)])


def faded(image: QImage, sample: Sample, layer: DoubtLayer) -> QImage:
    """Return a picture that is the more transparent the wider its doubt is; ``sample`` lies on the picture's pixels."""
    share = _valid_share(sample, layer)
    picture = image.convertToFormat(QImage.Format.Format_ARGB32)
    rows, columns = picture.height(), picture.width()
    argb = np.frombuffer(picture.constBits(), np.uint32).reshape(rows, columns)
    alpha = np.rint((argb >> np.uint32(24)) * (1 - share)).astype(np.uint32)
    red, green, blue = (((argb >> np.uint32(shift)) & np.uint32(255)) * alpha // 255 for shift in (16, 8, 0))
    return _image(alpha << np.uint32(24) | red << np.uint32(16) | green << np.uint32(8) | blue)


def _valid_share(sample: Sample, layer: DoubtLayer) -> NDArray[np.float32]:
    share = layer.share(sample.values)
    return share if sample.valid is None else np.where(sample.valid, share, np.float32(0))


def outline_parts(magnification: tuple[float, float]) -> Parts:
    """Return into how many parts rows and columns are divided for a line of about one pixel of the screen.

    ``magnification`` is how many of those show one row and one column.
    """
    down, along = (max(1, min(_MOST_PARTS, round(times))) for times in magnification)
    return down, along


def _box(mask: NDArray[np.bool_], margin: int) -> Box | None:
    """Return the part of a picture that holds every True pixel, with a margin; None where there is none."""
    spans = []
    for axis in (1, 0):
        there = np.flatnonzero(mask.any(axis=axis))
        if not there.size:
            return None
        spans.append(slice(max(int(there[0]) - margin, 0), min(int(there[-1]) + 1 + margin, mask.shape[1 - axis])))
    return spans[0], spans[1]


def _refined(image: NDArray[np.uint8], parts: Parts) -> NDArray[np.uint8]:
    """Return the image with every pixel parted, as far as memory and time allow."""
    while image.size * parts[0] * parts[1] > _LARGEST_OUTLINE and max(parts) > 1:
        parts = max(1, parts[0] - 1), max(1, parts[1] - 1)
    return image.repeat(parts[0], axis=0).repeat(parts[1], axis=1)


def _coloured(labels: NDArray[np.uint8], segments: Sequence[Segment], opacity: float) -> NDArray[np.uint32]:
    # No label of 8 bits lies outside the table, and without that question the look-up takes half the time.
    return _table(segments, opacity).take(labels, mode="wrap")


def _table(segments: Sequence[Segment], opacity: float) -> NDArray[np.uint32]:
    table = np.zeros(256, dtype=np.uint32)
    for segment in segments:
        if segment.visible:
            red, green, blue = bytes.fromhex(segment.colour.removeprefix("#"))
            table[segment.label] = _premultiplied(np.array([[red, green, blue]], dtype=np.uint32), opacity)[0]
    return table


def _premultiplied(colours: NDArray[np.uint32], opacity: float) -> NDArray[np.uint32]:
    """Return RGB colours [n, 3] as 0xAARRGGBB, multiplied by the opacity as Qt wants it."""
    alpha = round(255 * opacity)
    red, green, blue = (colours[:, channel] * alpha // 255 for channel in range(3))
    return np.asarray(alpha << 24 | red << 16 | green << 8 | blue, dtype=np.uint32)


def _edges(labels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return the pixels that have a neighbour (of four) with another value; the picture ends in 0."""
    padded = np.pad(labels, 1)
    middle = padded[1:-1, 1:-1]
    edge = (padded[:-2, 1:-1] != middle) | (padded[2:, 1:-1] != middle)
    return np.asarray(edge | (padded[1:-1, :-2] != middle) | (padded[1:-1, 2:] != middle))


def _image(argb: NDArray[np.uint32], kind: QImage.Format = QImage.Format.Format_ARGB32_Premultiplied) -> QImage:
    argb = np.ascontiguousarray(argb, dtype=np.uint32)
    rows, columns = argb.shape
    # The picture keeps the array alive; nobody writes to it any more.
    return QImage(argb.data, columns, rows, columns * 4, kind)
