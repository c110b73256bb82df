"""Segmentations changed by hand: strokes of a brush, fills, whole segments, as edits that can be undone.

Voxels are changed in place; an edit keeps the voxels that it changed and nothing else. What a model made says from the
first edit on that it was edited by hand, and an undo takes that back with the edit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.commands import Command
from medgan_viewer.core.layers import Code, LabelLayer, Provenance, Segment
from medgan_viewer.core.segment_shapes import Box, Mask, bounding, closed_region, interpolated, swept
from medgan_viewer.core.volume import Vector, Volume, Voxels
from medgan_viewer.errors import UsageError

if TYPE_CHECKING:
    from medgan_viewer.core.document import Document

__all__ = [
    "Brush",
    "EditSegmentation",
    "Patch",
    "Stroke",
    "added_segment",
    "filled",
    "interpolation",
    "new_segmentation",
    "refusal",
    "removal",
    "segment_of",
    "without_segment",
    "written",
]

# Apart in hue and in lightness, safe for colour-blind readers (of Okabe and Ito's eight, without black): none is violet
# or near it, which stands for synthetic alone.
_COLOURS = ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#e58ba8")
_TISSUE = Code("85756007", "SCT", "Tissue")
_CATEGORY = Code("85756007", "SCT", "Tissue")
_MOST_SEGMENTS = 254


@dataclass(frozen=True, slots=True)
class Brush:
    """A tool that follows the mouse. ``axis`` is the grid axis a flat brush is normal to, None for a ball.

    ``erases`` what is of the segment in place of painting; ``between`` are the lowest and the highest value of the
    image on which it paints, None where it paints on all.
    """

    diameter_mm: float
    axis: int | None
    erases: bool = False
    between: tuple[float, float] | None = None


# -- what was changed ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Patch:
    """Voxels of a box that got another label: which they are, as bits, and what they were before."""

    box: Box
    value: int
    _bits: NDArray[np.uint8] = field(repr=False)
    _before: NDArray[np.uint8] = field(repr=False)

    @classmethod
    def of(cls, box: Box, before: Voxels, after: Voxels) -> "Patch | None":
        """Return the change of a box, in which every changed voxel has the same new label; None where there is none."""
        changed = np.asarray(before != after)
        tight = bounding(changed)
        if tight is None:
            return None
        inner = changed[tight]
        place = tuple(slice(b.start + t.start, b.start + t.stop) for b, t in zip(box, tight, strict=True))
        value = int(after[tight][inner][0])
        return cls((place[0], place[1], place[2]), value, np.packbits(inner), before[tight][inner])

    @property
    def nbytes(self) -> int:
        """How much memory it holds."""
        return self._bits.nbytes + self._before.nbytes

    def write(self, layer: LabelLayer) -> None:
        """Give the voxels their new label."""
        self._set(layer, self.value)

    def take_back(self, layer: LabelLayer) -> None:
        """Give the voxels the labels that they had."""
        self._set(layer, self._before)

    def _set(self, layer: LabelLayer, values: int | NDArray[np.uint8]) -> None:
        part = _writable(layer)[self.box]
        part[np.unpackbits(self._bits, count=part.size).view(bool).reshape(part.shape)] = values
        for index in range(self.box[0].start, self.box[0].stop):
            # Counted anew when somebody asks for volumes.
            layer.counts.pop(index, None)


@dataclass(eq=False)
class EditSegmentation(Command):
    """Change voxels of a segmentation, its segments, or both."""

    layer_uid: str
    words: str
    patches: tuple[Patch, ...] = ()
    # The segments afterwards, where they are others.
    segments: tuple[Segment, ...] | None = None
    at: datetime = field(default_factory=lambda: datetime.now().astimezone())
    _before: tuple[tuple[Segment, ...], Provenance] | None = field(default=None, init=False, repr=False)

    @property
    def label(self) -> str:
        """Menu text."""
        return self.words

    @property
    def nbytes(self) -> int:
        """What the changed voxels hold."""
        return sum(patch.nbytes for patch in self.patches)

    def apply(self, document: "Document") -> None:
        """Do it; voxels that a stroke has written already stay as they are."""
        layer = _labels(document, self.layer_uid)
        self._before = (layer.segments, layer.provenance)
        for patch in self.patches:
            patch.write(layer)
        segments = layer.segments if self.segments is None else self.segments
        when = f"first on {self.at:%Y-%m-%d %H:%M}"
        document.refill_layer(layer.changed(segments=segments, provenance=layer.provenance.edited(when)))

    def revert(self, document: "Document") -> None:
        """Take it back, bit for bit."""
        layer = _labels(document, self.layer_uid)
        if self._before is None:
            raise ValueError("an edit that was not done cannot be taken back")
        for patch in reversed(self.patches):
            patch.take_back(layer)
        segments, provenance = self._before
        document.refill_layer(layer.changed(segments=segments, provenance=provenance))


def _labels(document: "Document", uid: str) -> LabelLayer:
    layer = document.layer(uid)
    if not isinstance(layer, LabelLayer):
        raise TypeError("only segmentations can be drawn in")
    return layer


def _writable(layer: LabelLayer) -> Voxels:
    """Return the voxels for writing: who holds a layer reads, edits alone write."""
    array = layer.volume.array.view()
    array.flags.writeable = True
    return array


# -- segmentations and segments --------------------------------------------------------------------------------------


def refusal(layer: LabelLayer) -> str:
    """Return why nobody can draw in a segmentation now, "" where one can."""
    if not layer.complete:
        return f"{layer.name} is still being computed; it can be edited when it is finished."
    return ""


def new_segmentation(series_uid: str, grid: Volume, *, name: str = "Segmentation") -> LabelLayer:
    """Return an empty segmentation with one segment on the regular grid of a series."""
    labels = np.zeros(grid.shape, dtype=np.uint8)
    volume = Volume(labels, grid.affine, grid.frame_of_reference_uid, resampled=grid.resampled)
    size = grid.shape[1] * grid.shape[2]
    return LabelLayer(
        uid=f"by-hand-{uuid4().hex}",
        name=name,
        source_series_uid=series_uid,
        volume=volume,
        ready=np.ones(grid.shape[0], dtype=bool),
        provenance=Provenance.drawn(series_uid, datetime.now().astimezone()),
        segments=(_new_segment(()),),
        # Nothing has to be counted.
        counts={index: np.bincount([0], minlength=256) * size for index in range(grid.shape[0])},
    )


def _new_segment(others: Sequence[Segment]) -> Segment:
    labels, names = {segment.label for segment in others}, {segment.name for segment in others}
    label = next(number for number in range(1, 256) if number not in labels)
    number = next(number for number in range(1, 257) if f"Segment {number}" not in names)
    colours = {segment.colour: None for segment in others}
    free = [colour for colour in _COLOURS if colour not in colours]
    colour = free[0] if free else _COLOURS[label % len(_COLOURS)]
    return Segment(label, f"Segment {number}", colour, _TISSUE, _CATEGORY, drawn=True)


def added_segment(layer: LabelLayer) -> EditSegmentation:
    """Return the edit that adds an empty segment, the last one then. Raises ``UsageError`` where there are too many."""
    if len(layer.segments) >= _MOST_SEGMENTS:
        raise UsageError(f"A segmentation holds at most {_MOST_SEGMENTS} segments; start another one.")
    made = _new_segment(layer.segments)
    return EditSegmentation(layer.uid, f"Add {made.name}", segments=(*layer.segments, made))


def without_segment(layer: LabelLayer, label: int) -> EditSegmentation:
    """Return the edit that removes a segment and its voxels. Raises ``UsageError`` for the last or a locked one."""
    gone = segment_of(layer, label)
    if len(layer.segments) == 1:
        raise UsageError("A segmentation keeps at least one segment; remove the segmentation itself instead.")
    if gone.locked:
        raise UsageError(f"{gone.name} is locked; unlock it to remove it.")
    kept = tuple(segment for segment in layer.segments if segment.label != label)
    return EditSegmentation(layer.uid, f"Remove {gone.name}", removal(layer, label), kept)


def removal(layer: LabelLayer, label: int) -> tuple[Patch, ...]:
    """Return the change that takes every voxel of a segment away."""
    array = layer.volume.array
    there = [index for index in range(array.shape[0]) if (array[index] == label).any()]
    if not there:
        return ()
    box = (slice(there[0], there[-1] + 1), slice(0, array.shape[1]), slice(0, array.shape[2]))
    part = array[box]
    patch = Patch.of(box, part, np.where(part == label, np.uint8(0), part))
    return () if patch is None else (patch,)


def segment_of(layer: LabelLayer, label: int) -> Segment:
    """Return a segment by its label; ``UsageError`` where it is gone."""
    for segment in layer.segments:
        if segment.label == label:
            return segment
    raise UsageError("Choose a segment to draw in, or add one.")


# -- drawing ---------------------------------------------------------------------------------------------------------


class Stroke:
    """What a brush changes from the press of the button to its release, in place.

    ``values`` are the image's on the same grid, for a brush that asks for them. Raises ``UsageError`` where the
    segment is locked.
    """

    def __init__(self, layer: LabelLayer, label: int, brush: Brush, values: Voxels | None = None) -> None:
        self.layer, self.brush = layer, brush
        self._value = 0 if brush.erases else label
        self._may = _changeable(layer, label, erases=brush.erases)
        self._values, self._array = values, _writable(layer)
        # Slices as they were, copied when the stroke first reaches them.
        self._before: dict[int, Voxels] = {}
        self._last: Vector | None = None
        self._box: Box | None = None

    def move(self, index: Vector) -> Box | None:
        """Go on to an index [slice, row, column]; return the box in which voxels may have changed."""
        index = np.asarray(index, dtype=np.float64)
        start = index if self._last is None else self._last
        self._last = index
        volume, brush = self.layer.volume, self.brush
        found = swept(volume.affine, volume.shape, start, index, brush.diameter_mm / 2, brush.axis)
        if found is None:
            return None
        box, mask = found
        part = self._array[box]
        mask &= self._may[part]
        if brush.between is not None and self._values is not None:
            seen = self._values[box]
            mask &= (seen >= brush.between[0]) & (seen <= brush.between[1])
        for number in range(box[0].start, box[0].stop):
            if number not in self._before:
                self._before[number] = self._array[number].copy()
        part[mask] = self._value
        self._box = box if self._box is None else _both(self._box, box)
        return box

    def patch(self) -> Patch | None:
        """Return all that was changed, None where nothing was."""
        box = self._box
        if box is None:
            return None
        after = self._array[box]
        slices = range(box[0].start, box[0].stop)
        before = np.stack([self._before.get(number, self._array[number])[box[1:]] for number in slices])
        return Patch.of(box, before, after)

    def cancel(self) -> None:
        """Put everything back as it was."""
        for number, before in self._before.items():
            self._array[number] = before


def _changeable(layer: LabelLayer, label: int, *, erases: bool = False) -> Mask:
    """Return which labels [256] a tool may change. Raises ``UsageError`` where the segment itself is locked."""
    own = segment_of(layer, label)
    if own.locked:
        raise UsageError(f"{own.name} is locked; unlock it to draw in it.")
    may = np.full(256, not erases)
    may[[segment.label for segment in layer.segments if segment.locked]] = False
    may[label] = erases
    return may


def _both(first: Box, second: Box) -> Box:
    low = [min(a.start, b.start) for a, b in zip(first, second, strict=True)]
    high = [max(a.stop, b.stop) for a, b in zip(first, second, strict=True)]
    return slice(low[0], high[0]), slice(low[1], high[1]), slice(low[2], high[2])


def written(layer: LabelLayer, label: int, box: Box, mask: Mask, *, only_empty: bool = False) -> Patch | None:
    """Return the change that gives a mask in a box a label, where locks allow; ``only_empty`` covers no other segment.

    Raises ``UsageError`` where the segment itself is locked.
    """
    may = _changeable(layer, label)
    if only_empty:
        may[1:] = False
    part = layer.volume.array[box]
    return Patch.of(box, part, np.where(mask & may[part], np.uint8(label), part))


def filled(layer: LabelLayer, label: int, index: Vector, axis: int) -> Patch | None:
    """Return the change that fills the closed region around an index, on the slice normal to an axis of the grid.

    Raises ``UsageError`` where it is not closed, or where there is nothing to fill.
    """
    at = [int(n) for n in np.rint(index)]
    shape = layer.volume.shape
    if any(not 0 <= n < size for n, size in zip(at, shape, strict=True)):
        raise UsageError("There is nothing to fill beside the image.")
    plane = layer.volume.array.take(at[axis], axis=axis)
    row, column = (n for a, n in enumerate(at) if a != axis)
    region = closed_region(plane, (row, column))
    if region is None:
        raise UsageError("This region is open; draw its outline to the end first, then click inside it.")
    whole: list[Any] = [slice(0, size) for size in shape]
    whole[axis] = slice(at[axis], at[axis] + 1)
    return written(layer, label, (whole[0], whole[1], whole[2]), np.expand_dims(region, axis))


def interpolation(layer: LabelLayer, label: int, axis: int) -> tuple[Box, Mask]:
    """Return what lies between the slices, normal to an axis of the grid, on which a segment is drawn. Slow.

    Raises ``UsageError`` where it is drawn on fewer than two slices, or on slices without a gap.
    """
    name = segment_of(layer, label).name
    drawn = np.asarray(layer.volume.array == label)
    box = bounding(drawn)
    if box is None or box[axis].stop - box[axis].start < 2:
        raise UsageError(f"Draw {name} on two slices or more that lie apart; then what lies between can be filled.")
    part = np.moveaxis(drawn[box], axis, 0)
    if part.any(axis=(1, 2)).all():
        raise UsageError(f"{name} has no gap: it is drawn on every slice between its first and its last one.")
    across = [mm for a, mm in enumerate(layer.volume.spacing) if a != axis]
    return box, np.moveaxis(interpolated(part, (across[0], across[1])), 0, axis)
