"""What is on the slices of a pane: series, results, and their values, without how they look."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol

import numpy as np

from medgan_viewer.core.display import Window
from medgan_viewer.core.document import OpenSeries, same_patient
from medgan_viewer.core.hanging import Results
from medgan_viewer.core.key_images import KeyImage
from medgan_viewer.core.layers import DoubtLayer, Finding, HeatLayer, ImageLayer, LabelLayer, Layer
from medgan_viewer.core.registration import Rigid
from medgan_viewer.core.reslice import tiles
from medgan_viewer.core.slabs import grid_axis
from medgan_viewer.ui.views.compared import Image, SeriesImage, Sides, missing
from medgan_viewer.ui.views.scene_slices import SceneSlices
from medgan_viewer.ui.views.shown import DisplayState, Shown
from medgan_viewer.ui.views.slices import (
    ObliqueSlices,
    Sample,
    SampleCache,
    SampleKey,
    Slices,
    StackSlices,
    layer_sample,
    other_sample,
    put_together,
    registered_sample,
    series_sample,
)

__all__ = ["Drawn", "Links", "SceneValues"]

Drawn = LabelLayer | HeatLayer | DoubtLayer

# The segmentations and heat maps that are drawn for a choice of results.
_KINDS: dict[str, tuple[type[LabelLayer] | type[HeatLayer], ...]] = {
    "all": (LabelLayer, HeatLayer),
    "segmentation": (LabelLayer,),
    "heat map": (HeatLayer,),
}
# How long one piece of what comes to rest may take: three panes take turns.
_PIECE_SECONDS = 0.004
# Voxels that are interpolated at once: fewer do not pay.
_TILE = 100_000


class Links(Protocol):
    """How spaces were registered to one another, see ``ui.views.links.Spaces``."""

    def registered(self, first: "SceneValues", second: "SceneValues") -> tuple[Rigid, str] | None:
        """Return what leads from the first scene's points to the second's, and the figure; None where nothing does."""


@dataclass(eq=False)
class SceneValues(SceneSlices):
    """The slices of a pane, and the values of images and results on them."""

    samples: SampleCache = field(default_factory=SampleCache, repr=False)
    links: Links | None = field(default=None, repr=False)
    inverted: bool = False
    # A window that this pane has for itself, where the same series hangs in others in other windows.
    own_window: Window | None = None
    # Which results the pane draws.
    results: Results = "all"
    # Raised whenever voxels or results changed under a picture.
    revision: int = 0
    # Series of other spaces as they lie in this one, by UID.
    _registered: dict[str, SeriesImage] = field(default_factory=dict, repr=False)

    # -- what ----------------------------------------------------------------------------------------------------

    def go_on_as(self, other: "SceneValues") -> None:
        """Show what is shown as another scene does: turned, inverted, cut and windowed alike."""
        self.turns, self.inverted, self.from_stack = other.turns, other.inverted, other.from_stack
        self.results = other.results
        if self.shown.series_uid == other.shown.series_uid:
            self.own_window = other.own_window
        self.set_cut(other.cut)

    @property
    def key_image(self) -> KeyImage | None:
        """What would be marked as a key image now, None where no acquired slice is displayed."""
        index = self.acquired_index
        if index is None:
            return None
        return KeyImage(self.shown.series_uid, index, "" if self.layer is None else self.layer.uid)

    @property
    def is_key_image(self) -> bool:
        """Whether what is displayed is marked as a key image."""
        marked = self.document.key_images
        return bool(marked) and self.key_image in marked

    @property
    def window_uid(self) -> str:
        """Whose window the pane has: a synthetic image has one of its own."""
        return self.shown.layer_uid if self.layer is not None and self.shown.layer_uid else self.shown.series_uid

    @property
    def window(self) -> Window:
        """The window of what is shown; KeyError while nothing is open."""
        return self.window_of(self.window_uid)

    def window_of(self, uid: str) -> Window:
        """Return the window that the series, or a synthetic image of it, has in this pane."""
        if self.own_window is not None and uid == self.shown.series_uid:
            return self.own_window
        return self.document.window(uid)

    def image_over(self) -> ImageLayer | None:
        """Return the synthetic image that belongs over the series: of several the newest that is visible.

        A blend of two contrasts would show neither.
        """
        if self.layer is not None:
            return self.layer
        if self.results not in ("all", "synthetic"):
            return None
        made = [one for one in self.document.layers_of(self.shown.series_uid) if isinstance(one, ImageLayer)]
        visible = [one for one in made if one.visible]
        return visible[-1] if visible else None

    def results_over(self) -> tuple[Drawn, ...]:
        """Return what is drawn over the picture: of a series the visible segmentations and heat maps, its own and of
        others in its frame of reference; of a synthetic image, also of one that lies over the series, its doubt.
        """
        image = self.image_over()
        doubt = None if image is None else self.doubt_of(image)
        doubts = (doubt,) if doubt is not None and doubt.visible else ()
        if self.layer is not None:
            return doubts
        others = (one for one in self.document.layers if isinstance(one, LabelLayer | HeatLayer) and one.visible)
        kinds = _KINDS.get(self.results, ())
        return (*doubts, *(one for one in others if isinstance(one, kinds) and self.concerns(one)))

    def doubt_of(self, image: ImageLayer) -> DoubtLayer | None:
        """Return how far off a synthetic image may be, visible or not; None where that was not computed."""
        doubts = (one for one in self.document.layers if isinstance(one, DoubtLayer))
        return next((one for one in doubts if one.image_uid == image.uid), None)

    def concerns(self, layer: Layer) -> bool:
        """Whether a layer lies in the space of the pane's series."""
        if layer.source_series_uid == self.shown.series_uid:
            return True
        other = self.document.opened(layer.source_series_uid)
        return other is not None and self._shares_space(other, layer.volume.frame_of_reference_uid)

    def _shares_space(self, other: OpenSeries, its_frame: str | None) -> bool:
        mine, frame = self.opened, self.frame_of_reference_uid
        if mine is None or frame is None or its_frame != frame:
            return False
        return same_patient(mine.study, other.study)

    # -- two images ----------------------------------------------------------------------------------------------

    def images(self) -> tuple[Image, ...]:
        """Return what can be compared in the space of the pane: series that are open, then synthetic images.

        A series of another space is one of them where it was registered to this one; a link by hand is too rough.
        """
        opened = [one for uid in self.document.open_uids if (one := self.document.opened(uid)) is not None]
        series = [SeriesImage(one, one.series.uid == self.shown.series_uid) for one in opened if not one.series.colour]
        near = [placed for one in series if (placed := self._in_space(one)) is not None]
        made = [one for one in self.document.layers if isinstance(one, ImageLayer) and self.concerns(one)]
        return (*near, *made)

    def _in_space(self, image: SeriesImage) -> SeriesImage | None:
        """Return a series as it lies in the space of the pane, None where nobody knows how."""
        opened, uid = image.opened, image.uid
        if image.own or self._shares_space(opened, opened.stack.frame_of_reference_uid):
            return image
        found = None if self.links is None else self.links.registered(self, SceneValues(self.document, Shown(uid)))
        if found is None:
            self._registered.pop(uid, None)
            return None
        known = self._registered.get(uid)
        if known is None or known.opened is not opened or (known.way, known.how) != found:
            self.forget(uid)
            known = self._registered[uid] = SeriesImage(opened, False, *found)
        return known

    @property
    def image_uid(self) -> str:
        """The UID of what the pane shows: its series, or the synthetic image in its place."""
        return self.shown.series_uid if self.layer is None else self.layer.uid

    def sides(self, state: DisplayState) -> Sides | None:
        """Return the two images that the pane compares now, None where it compares none."""
        if not state.compares or state.revealed or self.opened is None:
            return None
        if state.pair is None:
            over = self.image_over()
            return None if over is None else (SeriesImage(self.opened, own=True, original=True), over)
        if self.image_uid not in state.pair:
            return None
        by_uid = {image.uid: image for image in self.images()}
        first, second = (by_uid.get(uid) for uid in state.pair)
        return None if first is None or second is None else (_as_original(first, second), _as_original(second, first))

    def selected_finding(self, state: DisplayState) -> tuple[HeatLayer, Finding] | None:
        """Return the finding being looked at where its heat map is drawn in this pane."""
        selected = self.document.selected_finding
        if selected is None or not state.overlay or state.revealed:
            return None
        layer = next((one for one in self.results_over() if one.uid == selected[0]), None)
        if not isinstance(layer, HeatLayer):
            return None
        finding = next((one for one in self.document.findings(layer.uid) if one.number == selected[1]), None)
        return None if finding is None else (layer, finding)

    # -- values --------------------------------------------------------------------------------------------------

    def series_values(self) -> Sample | None:
        """Return the original's values on the displayed slice, turned as displayed."""
        return None if self.opened is None else self.values_of(SeriesImage(self.opened, own=True))

    def layer_values(self, layer: Layer) -> Sample | None:
        """Return a result's values on the displayed slice, None where there are none yet."""
        return self.values_of(layer)

    def values_of(self, image: Image | Layer) -> Sample | None:
        """Return an image's or a result's values on the displayed slice, turned as displayed; None for no values."""
        slices, make = self.slices, self._maker(image)
        if slices is None or make is None:
            return None
        own = isinstance(slices, StackSlices) and isinstance(image, SeriesImage) and image.own
        if own and self.opened is not None and not self.opened.ready[self.index]:
            # It may be about to come: that there is none is not kept.
            return None
        return self.samples.take(self._key(image), lambda: self._turned(make(slices)))

    def _key(self, image: Image | Layer) -> SampleKey:
        return image.uid, self.shown.series_uid, self.shown.kind, self.cut, self.index, self.turns

    def _maker(self, image: Image | Layer) -> Callable[[Slices], Sample | None] | None:
        """Return what takes an image's or a result's values on the displayed one of some slices; None for no values."""
        opened, index, cut = self.opened, self.index, self.cut
        if not isinstance(image, SeriesImage):
            source = opened if image.source_series_uid == self.shown.series_uid else None
            return lambda slices: layer_sample(image, slices, index, source, cut)
        if image.own:
            # Where a synthetic image is shown, its grid may be there before the series' own is.
            known = opened is not None and (self.shown.kind == "stack" or self.layer is None or self.grid is not None)
            return (lambda slices: series_sample(image.opened, slices, index, cut)) if known else None
        if missing(self.document, image, whole=False):
            return None
        if image.way is not None:
            return lambda slices: registered_sample(image.opened, image.volume, slices, index, cut)
        return lambda slices: other_sample(image.opened, slices, index, cut)

    def exactly(self, state: DisplayState) -> Iterator[None]:
        """Cut exactly what is drawn coarsely while it moves, in pieces of some milliseconds, into the samples."""
        began = time.monotonic()
        exact = replace(self, cut=replace(self.cut, moving=False), _slices=None, _plane=None)
        slices = exact.slices
        if not isinstance(slices, ObliqueSlices):
            return
        plane, planes = slices.plane(exact.index), max(exact.slab_planes, 1)
        # A slab of the grid's own planes is reduced as a whole, whatever part of it is asked for.
        straight = planes > 1 and grid_axis(slices.volume, plane) is not None
        side = max(plane.rows, plane.columns) if straight else _tile_side(planes)
        for image in exact.drawn(state):
            make = exact._maker(image)
            if make is None or exact._key(image) in self.samples:
                continue
            found = []
            for rows, columns in tiles(plane, side):
                if time.monotonic() - began > _PIECE_SECONDS:
                    yield
                    began = time.monotonic()
                found.append(((rows, columns), make(replace(slices, box=(rows, columns)))))
            whole = put_together(plane, found)
            self.samples.take(exact._key(image), partial(_same, self._turned(whole)))

    def drawn(self, state: DisplayState) -> tuple[Image | Layer, ...]:
        """Return the images and results of whose values the picture is made."""
        own = () if self.opened is None else (SeriesImage(self.opened, own=True),)
        over = self.image_over() if state.overlay or self.layer is not None else None
        images = self.sides(state) or (*own, *(() if over is None else (over,)))
        return (*images, *(self.results_over() if state.overlay and not state.revealed else ()))

    def _turned(self, sample: Sample | None) -> Sample | None:
        if sample is None or not self.turns:
            return sample
        valid, colour, graphics = (
            None if part is None else np.rot90(part, -self.turns)
            for part in (sample.valid, sample.colour, sample.graphics)
        )
        # A copy: what is kept of it shall be counted.
        return Sample(np.ascontiguousarray(np.rot90(sample.values, -self.turns)), valid, colour, graphics)

    def forget(self, uid: str) -> None:
        """Say that voxels of a series or layer changed."""
        self.samples.forget(uid)
        self._registered.pop(uid, None)
        self.revision += 1

    def touches(self, layer: Layer, index: int) -> bool:
        """Whether a slice of a layer's grid is part of what is displayed."""
        plane = self.plane
        if plane is None or not self.concerns(layer):
            return False
        corners = [plane.point(r, c) for r in (0, plane.rows - 1) for c in (0, plane.columns - 1)]
        at = [float(layer.volume.index(corner)[0]) for corner in corners]
        thick = 0.0 if self.cut.slab is None else self.cut.slab.thickness / 2 / layer.volume.spacing[0]
        return min(at) - 1 - thick < index < max(at) + 1 + thick


def _as_original(image: Image, other: Image) -> Image:
    """Return the pane's own series as the original of a synthetic image that was made from it; others as they are."""
    made_from = isinstance(other, ImageLayer) and other.source_series_uid == image.uid
    return replace(image, original=True) if made_from and isinstance(image, SeriesImage) and image.own else image


def _tile_side(planes: int) -> int:
    """Return how many pixels each way a tile of so many planes has."""
    return max(int((_TILE / planes) ** 0.5), 16)


def _same(sample: Sample | None) -> Sample | None:
    return sample
