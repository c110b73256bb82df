"""Which annotations lie on the slice of a pane, where on its screen, and what they say there. No painting here."""

import textwrap
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.core.layers import ImageLayer
from medgan_viewer.core.measure import words
from medgan_viewer.core.measure.annotation import REGIONS, Annotation
from medgan_viewer.core.measure.figure import Figure, Screen, figure_of, handle_number
from medgan_viewer.core.measure.keeping import study_key
from medgan_viewer.core.measure.measuring import Beside, Measurement, measure, measure_compared
from medgan_viewer.core.measure.pixels import are_parallel, reach_mm
from medgan_viewer.core.measure.words import Line
from medgan_viewer.core.volume import Plane
from medgan_viewer.ui.measurement_words import is_numbered, line_shown
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.views.camera import Mapping, height_over
from medgan_viewer.ui.views.compared import Image, SeriesImage, missing
from medgan_viewer.ui.views.scene import Scene
from medgan_viewer.ui.views.slices import GridSlices, ObliqueSlices, StackSlices

__all__ = ["Figure", "Figures", "Projection", "Screen", "figure_of", "handle_number", "same_images", "weak"]

# Characters of a line of free text, and how many lines of it are shown.
_WIDE, _TALL = 44, 6


class Projection:
    """From LPS points to the pixels of a pane."""

    def __init__(self, mapping: Mapping) -> None:
        plane, (down, along) = mapping.plane, mapping.spacing
        steps = np.stack([plane.column_step, plane.row_step], axis=1)
        self._turn = np.linalg.pinv(steps).T * (along * mapping.scale, down * mapping.scale)
        self._corner = np.array(mapping.to_screen(0.0, 0.0)) - plane.origin @ self._turn

    def __call__(self, points: NDArray[np.float64]) -> Screen:
        """Return (x, y) of the projections of points (n × 3), as n × 2."""
        return np.asarray(points @ self._turn + self._corner)


def weak(thing: object | None) -> object:
    """Return what equals itself for the same thing alone, and does not keep it."""
    return None if thing is None else weakref.ref(thing)


def same_images(images: Sequence[Image]) -> tuple[object, ...]:
    """Return what equals itself for the same images in the same place and with as many slices read."""
    return tuple(
        weak(one)
        if isinstance(one, ImageLayer)
        else (weak(one.opened), weak(one.way), int(one.opened.ready.sum()), one.opened.gridded)
        for one in images
    )


@dataclass(eq=False)
class Figures:
    """The figures of a pane: found by the plane on which they lie, measured once, laid out anew for each picture."""

    document: Document
    _near: tuple[object, list[Annotation], NDArray[np.float64], NDArray[np.float64]] | None = field(default=None)
    _labels: dict[str, tuple[object, Annotation, tuple[Line, ...]]] = field(default_factory=dict)

    def on_slice(self, scene: Scene) -> list[Annotation]:
        """Return the annotations on the slice that is shown: those of its space that it is the nearest slice to."""
        slices, plane = scene.slices, scene.plane
        if not self.document.annotations.revision or slices is None or plane is None:
            return []
        listed, centres, normals = self._of_space(scene)
        if not listed:
            return []
        away = np.abs((centres - plane.origin) @ plane.normal)
        level = np.abs(normals @ plane.normal)
        close = np.flatnonzero((away <= _reach(scene, plane, scene.index)) & (level > 0.99))
        return [
            listed[i]
            for i in close
            if are_parallel(normals[i], plane.normal) and slices.nearest(centres[i]) == scene.index
        ]

    def can_show(self, annotation: Annotation, scene: Scene) -> bool:
        """Whether one of a pane's slices has an annotation on it."""
        if scene.slices is None or scene.plane is None or annotation not in self._of_space(scene)[0]:
            return False
        centre = np.array(annotation.centre)
        index = scene.slices.nearest(centre)
        plane = scene.slices.plane(index)
        level = are_parallel(np.array(annotation.normal), plane.normal)
        return level and abs(height_over(plane, centre)) <= _reach(scene, plane, index)

    def _of_space(self, scene: Scene) -> tuple[list[Annotation], NDArray[np.float64], NDArray[np.float64]]:
        opened = scene.opened
        key = (self.document.annotations.revision, scene.shown.series_uid, weak(opened))
        if self._near is None or self._near[0] != key:
            found = (
                []
                if opened is None
                else [
                    one
                    for one in self.document.annotations.of(study_key(opened.study))
                    if one.series_uid == opened.series.uid
                    or (one.frame_of_reference_uid and one.frame_of_reference_uid == scene.frame_of_reference_uid)
                ]
            )
            centres = np.array([one.centre for one in found]).reshape(-1, 3)
            self._near = (key, found, centres, np.array([one.normal for one in found]).reshape(-1, 3))
            there = {one.uid for one in found}
            self._labels = {uid: said for uid, said in self._labels.items() if uid in there}
        return self._near[1:]

    def label(self, annotation: Annotation, scene: Scene, under: Sequence[Image]) -> tuple[Line, ...]:
        """Return what an annotation says in a pane, measured where it is new.

        ``under`` is the synthetic image of its series that the pane shows, or the two that it compares, else nothing.
        """
        if scene.opened is None:
            return ()
        key = (same_images(under), weak(scene.opened), scene.revision, scene.shown.kind, scene.cut.slab is None)
        known = self._labels.get(annotation.uid)
        if known is None or known[0] != key or known[1] is not annotation:
            measured = self._measured(annotation, scene, scene.opened, under)
            said = tuple(_wrapped([line_shown(annotation, line) for line in words.lines(measured)]))
            # Of a name that the program gave, the number on the image says as much.
            if annotation.name and not is_numbered(annotation):
                said = (Line(textwrap.shorten(annotation.name, _WIDE, placeholder="…")), *said)
            if scene.cut.slab is not None and annotation.kind in (*REGIONS, "probe"):
                said = (*said, Line(tr("of the slab's middle plane alone")))
            self._labels[annotation.uid] = known = (key, annotation, said)
        return known[2]

    def _measured(
        self, annotation: Annotation, scene: Scene, opened: OpenSeries, under: Sequence[Image]
    ) -> Measurement:
        on_grid = scene.shown.kind != "stack"
        if len(under) < 2:
            layer = next((one for one in under if isinstance(one, ImageLayer)), None)
            return measure(annotation, opened, layer, on_grid=on_grid)
        sides = [one if isinstance(one, ImageLayer) else self._beside(one) for one in under]
        return measure_compared(annotation, opened, sides, on_grid=on_grid)

    def _beside(self, image: SeriesImage) -> Beside:
        unread = image.own or missing(self.document, image, whole=False)
        return Beside(image.opened, None if unread else image.volume)

    def forget(self) -> None:
        """Let go of all that was found and measured."""
        self._near = None
        self._labels.clear()

    def forget_label(self, uid: str) -> None:
        """Let go of what was measured of a draft."""
        self._labels.pop(uid, None)


def _reach(scene: Scene, plane: Plane, index: int) -> float:
    """Return how far from a slice, in mm, an annotation still lies on it."""
    slices = scene.slices
    if isinstance(slices, StackSlices):
        return reach_mm(slices.stack, index)
    if isinstance(slices, GridSlices | ObliqueSlices) and slices.count > 1:
        beside = slices.plane(index + (1 if index + 1 < slices.count else -1))
        return abs(height_over(plane, beside.origin)) / 2 + 1e-3
    return 1.0


def _wrapped(said: Sequence[Line]) -> list[Line]:
    """Return the lines with long ones (free text) broken."""
    found: list[Line] = []
    for line in said:
        parts = textwrap.wrap(line.text, _WIDE) if len(line.text) > 2 * _WIDE or "\n" in line.text else [line.text]
        found += [Line(part, line.synthetic) for part in parts]
    if len(found) > _TALL:
        found = [*found[: _TALL - 1], Line(found[_TALL - 1].text[: _WIDE - 1] + "…", found[_TALL - 1].synthetic)]
    return found
