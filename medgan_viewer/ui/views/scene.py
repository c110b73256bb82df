"""What one pane shows: which pictures lie on its slice, and what must be said about them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol, TypeVar, cast

import numpy as np
from PySide6.QtGui import QImage

from medgan_viewer.core.difference import Scale
from medgan_viewer.core.display import Window
from medgan_viewer.core.document import Document, OpenSeries, same_patient
from medgan_viewer.core.hanging import Results
from medgan_viewer.core.key_images import KeyImage
from medgan_viewer.core.layers import DoubtLayer, Finding, HeatLayer, ImageLayer, LabelLayer, Layer
from medgan_viewer.core.registration import Rigid
from medgan_viewer.core.slabs import plane_count
from medgan_viewer.core.slicing import mpr_axis, nearest_slice
from medgan_viewer.core.volume import Plane, Vector, Volume
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.views import pixels
from medgan_viewer.ui.views.camera import centre_of, height_over, rotated_plane
from medgan_viewer.ui.views.compared import Image, SeriesImage, Sides, difference_of, missing
from medgan_viewer.ui.views.pixels import Overlay
from medgan_viewer.ui.views.shown import DisplayState, Picture, Shown
from medgan_viewer.ui.views.slices import (
    Cut,
    Sample,
    SampleCache,
    Slices,
    StackSlices,
    grid_slices,
    layer_sample,
    other_sample,
    registered_sample,
    series_sample,
)
from medgan_viewer.wording import marked

__all__ = ["DisplayState", "Links", "Picture", "Scene", "Shown"]

_T = TypeVar("_T")

Drawn = LabelLayer | HeatLayer | DoubtLayer

# The segmentations and heat maps that are drawn for a choice of results.
_KINDS: dict[str, tuple[type[LabelLayer] | type[HeatLayer], ...]] = {
    "all": (LabelLayer, HeatLayer),
    "segmentation": (LabelLayer,),
    "heat map": (HeatLayer,),
}

NOT_COMPUTED = marked("not computed yet")


class Links(Protocol):
    """How spaces were registered to one another, see ``ui.views.links.Spaces``."""

    def registered(self, first: "Scene", second: "Scene") -> tuple[Rigid, str] | None:
        """Return what leads from the first scene's points to the second's, and the figure; None where nothing does."""


@dataclass(eq=False)
class Scene:
    """The slices of a pane and the pictures on them."""

    document: Document
    shown: Shown
    samples: SampleCache = field(default_factory=SampleCache, repr=False)
    links: Links | None = field(default=None, repr=False)
    index: int = 0
    turns: int = 0
    inverted: bool = False
    cut: Cut = field(default_factory=Cut)
    # Whether acquired slices are shown again when the slab ends.
    from_stack: bool = False
    # A window that this pane has for itself, where the same series hangs in others in other windows.
    own_window: Window | None = None
    # Which results the pane draws.
    results: Results = "all"
    # Raised whenever voxels or results changed under a picture.
    revision: int = 0
    _slices: Slices | None = field(default=None, repr=False)
    _plane: tuple[tuple[int, int], Plane] | None = field(default=None, repr=False)
    _pictures: dict[str, tuple[object, object]] = field(default_factory=dict, repr=False)
    # Series of other spaces as they lie in this one, by UID.
    _registered: dict[str, SeriesImage] = field(default_factory=dict, repr=False)

    # -- where ---------------------------------------------------------------------------------------------------

    @property
    def opened(self) -> OpenSeries | None:
        """The series, None while it is not open."""
        return self.document.opened(self.shown.series_uid)

    @property
    def layer(self) -> ImageLayer | None:
        """The synthetic image that the pane shows in place of the series."""
        layer = self._layer(self.shown.layer_uid)
        return layer if isinstance(layer, ImageLayer) else None

    def _layer(self, uid: str | None) -> Layer | None:
        return next((layer for layer in self.document.layers if layer.uid == uid), None)

    @property
    def slices(self) -> Slices | None:
        """The planes to go through; None while the regular grid is not there."""
        if self._slices is None:
            self._slices = self._find_slices()
        return self._slices

    def _find_slices(self) -> Slices | None:
        opened = self.opened
        if opened is None:
            return None
        if self.shown.kind == "stack":
            return StackSlices(opened.stack)
        volume = self.layer.volume if self.layer is not None else self.grid
        return None if volume is None else grid_slices(volume, self.shown.kind, self.cut)

    def go_on_as(self, other: "Scene") -> None:
        """Show what is shown as another scene does: turned, inverted, cut and windowed alike."""
        self.turns, self.inverted, self.from_stack = other.turns, other.inverted, other.from_stack
        self.results = other.results
        if self.shown.series_uid == other.shown.series_uid:
            self.own_window = other.own_window
        self.set_cut(other.cut)

    def set_cut(self, cut: Cut) -> None:
        """Cut the planes otherwise; the index counts those of the new cut afterwards."""
        self.cut, self._slices, self._plane = cut, None, None

    @property
    def slab_planes(self) -> int:
        """In how many planes of the grid the slab is cut; 0 where there is none."""
        volume, plane = self.grid if self.layer is None else self.layer.volume, self.plane
        if self.cut.slab is None or volume is None or plane is None:
            return 0
        return plane_count(volume, plane.normal, self.cut.slab)

    @property
    def grid(self) -> Volume | None:
        """The regular grid of the series, None while it is being computed elsewhere."""
        opened = self.opened
        if opened is None or not (opened.gridded or self.document.is_loaded(self.shown.series_uid)):
            return None
        return opened.volume()

    @property
    def count(self) -> int:
        """How many slices there are; 0 while that is not known."""
        return 0 if self.slices is None else self.slices.count

    @property
    def plane(self) -> Plane | None:
        """The plane that is displayed, quarter turns included."""
        if self.slices is None:
            return None
        key = (self.index, self.turns)
        if self._plane is None or self._plane[0] != key:
            self._plane = (key, rotated_plane(self.slices.plane(self.index), self.turns))
        return self._plane[1]

    @property
    def grid_slice(self) -> int | None:
        """The slice of the series' regular grid that lies nearest to what is displayed."""
        grid, plane = self.grid, self.plane
        if grid is None or plane is None:
            return None
        return int(np.clip(np.rint(grid.index(centre_of(plane))[0]), 0, grid.shape[0] - 1))

    @property
    def acquired_index(self) -> int | None:
        """The acquired slice that is displayed, from 0; None where it is another plane, a slab or a resampled one."""
        opened, kind, plane = self.opened, self.shown.kind, self.plane
        if opened is None or plane is None or self.cut.slab is not None or self.cut.triad is not None:
            return None
        if kind == "stack":
            return self.index
        if not opened.stack.is_regular or mpr_axis(opened.volume(), kind) != 0:
            return None
        return nearest_slice(opened.stack, centre_of(plane))

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
    def slice_distance(self) -> float:
        """Distance in mm from the displayed slice to the farther of its neighbours; 0 where it has none."""
        slices = self.slices
        if slices is None:
            return 0.0
        here = slices.plane(self.index)
        beside = [i for i in (self.index - 1, self.index + 1) if 0 <= i < slices.count]
        return max((abs(height_over(here, slices.plane(i).origin)) for i in beside), default=0.0)

    @property
    def frame_of_reference_uid(self) -> str | None:
        """The frame of reference of the series."""
        return None if self.opened is None else self.opened.stack.frame_of_reference_uid or None

    # -- what ----------------------------------------------------------------------------------------------------

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
        found = None if self.links is None else self.links.registered(self, Scene(self.document, Shown(uid)))
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
            return None if over is None else (SeriesImage(self.opened, own=True), over)
        if self.image_uid not in state.pair:
            return None
        by_uid = {image.uid: image for image in self.images()}
        first, second = (by_uid.get(uid) for uid in state.pair)
        return None if first is None or second is None else (first, second)

    def values_of(self, image: Image) -> Sample | None:
        """Return an image's values on the displayed slice, None where there are none."""
        if isinstance(image, ImageLayer):
            return self.layer_values(image)
        if image.own:
            return self.series_values()
        slices = self.slices
        if slices is None or missing(self.document, image, whole=False):
            return None
        if image.way is not None:
            make = partial(registered_sample, image.opened, image.volume, slices, self.index, self.cut)
        else:
            make = partial(other_sample, image.opened, slices, self.index, self.cut)
        return self._turned(self._kept(image.uid, make))

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
        opened, slices = self.opened, self.slices
        if opened is None or slices is None:
            return None
        if isinstance(slices, StackSlices):
            return self._turned(series_sample(opened, slices, self.index))
        if self.layer is not None and self.grid is None:
            return None
        return self._turned(self._kept(opened.series.uid, lambda: series_sample(opened, slices, self.index, self.cut)))

    def layer_values(self, layer: Layer) -> Sample | None:
        """Return a result's values on the displayed slice, None where there are none yet."""
        slices = self.slices
        if slices is None:
            return None
        source = self.opened if layer.source_series_uid == self.shown.series_uid else None
        return self._turned(self._kept(layer.uid, lambda: layer_sample(layer, slices, self.index, source, self.cut)))

    def _kept(self, uid: str, make: Callable[[], Sample | None]) -> Sample | None:
        return self.samples.take((uid, self.shown.series_uid, self.shown.kind, self.cut, self.index), make)

    def _turned(self, sample: Sample | None) -> Sample | None:
        if sample is None or not self.turns:
            return sample
        valid, colour, graphics = (
            None if part is None else np.rot90(part, -self.turns)
            for part in (sample.valid, sample.colour, sample.graphics)
        )
        return Sample(np.rot90(sample.values, -self.turns), valid, colour, graphics)

    def forget(self, uid: str) -> None:
        """Say that voxels of a series or layer changed."""
        self.samples.forget(uid)
        self._pictures.pop(uid, None)
        self._registered.pop(uid, None)
        self.revision += 1

    def redraw(self, layer_uid: str) -> None:
        """Say that voxels of a result changed on the displayed slice: what lies under it is kept as it is drawn."""
        self.samples.forget(layer_uid)
        self._pictures.pop(layer_uid, None)
        self._pictures.pop("picture", None)

    # -- pictures ------------------------------------------------------------------------------------------------

    def picture(self, state: DisplayState, magnification: tuple[float, float]) -> Picture:
        """Return the pictures of the displayed slice; the same ones until something about them changes.

        ``magnification`` is how many device pixels show one row and one column.
        """
        plane = self.plane
        if self.opened is None or plane is None:
            return Picture(None, message=self._waiting())
        parts = pixels.outline_parts(magnification)
        over, sides = self.image_over(), self.sides(state)
        results = self.results_over() if state.overlay and not state.revealed else ()
        doubt = self.doubt_of(over) if over is not None else None
        shown = {self.shown.series_uid, *([over.uid] if over else []), *(side.uid for side in sides or ())}
        windows = [self.window_of(uid) for uid in sorted(shown)]
        # What is still being read is waited for.
        waited = [missing(self.document, side, whole=True) for side in sides or ()]
        key = (self._place, self.inverted, state, parts, results, over, doubt, sides, *waited, *windows)
        if sides is not None:
            return self._remembered("picture", key, lambda: self._compared(state, parts, sides, results))
        return self._remembered("picture", key, lambda: self._made(state, parts, over, results))

    @property
    def _place(self) -> tuple[Cut, int, int, int]:
        """What every picture depends on."""
        return self.cut, self.index, self.turns, self.revision

    def _remembered(self, name: str, key: object, make: Callable[[], _T]) -> _T:
        """Return the latest picture of a name, made again where its key is another one."""
        known = self._pictures.get(name)
        if known is None or known[0] != key:
            known = self._pictures[name] = (key, make())
        return cast(_T, known[1])

    def _made(
        self,
        state: DisplayState,
        parts: pixels.Parts,
        over: ImageLayer | None,
        results: tuple[Drawn, ...],
    ) -> Picture:
        own = self.layer
        said = tuple(layer for layer in results if self.layer_values(layer) is not None)
        if own is not None and not state.revealed:
            base = self._layer_image(own)
            if base is None:
                return Picture(None, own, synthetic=(own,), message=tr(NOT_COMPUTED))
            drawn = tuple(overlay for layer in said for overlay in self._result_overlays(layer, parts))
            return Picture(base, own, overlays=drawn, synthetic=(own,), results=said)
        original = self._original_image()
        message = "" if original is not None else self._waiting()
        overlays: list[Overlay] = self._graphics()
        synthetic: tuple[ImageLayer, ...] = ()
        tinted: tuple[ImageLayer, Window] | None = None
        if over is not None and not state.revealed and state.overlay:
            image = self._layer_image(over)
            if image is None:
                # All of it is the original: nothing may say otherwise.
                message = message or f"{over.name}: {tr(NOT_COMPUTED)}"
            else:
                synthetic = (over,)
                tinted = None if over.colour_map == "grey" else (over, self.document.window(over.uid))
                whole = slice(0, image.height()), slice(0, image.width())
                image = self._faded(over, self._coloured(over, image))
                overlays.append(Overlay(image, whole, over.opacity))
        # Doubt is about a picture: where that is not drawn, neither is what lies over it.
        said = tuple(one for one in said if synthetic or not isinstance(one, DoubtLayer))
        for layer in said:
            overlays.extend(self._result_overlays(layer, parts))
        return Picture(
            original, overlays=tuple(overlays), synthetic=synthetic, results=said, message=message, tinted=tinted
        )

    def _compared(self, state: DisplayState, parts: pixels.Parts, sides: Sides, results: tuple[Drawn, ...]) -> Picture:
        """Return the picture of two images that share the pane, take turns in it, or are subtracted."""
        # Doubt is about the whole of a picture, and here is none.
        said = tuple(one for one in results if not isinstance(one, DoubtLayer) and self.layer_values(one) is not None)
        overlays = tuple(overlay for layer in said for overlay in self._result_overlays(layer, parts))
        if state.difference:
            return self._subtracted(state, sides, replace(Picture(None), overlays=overlays, results=said))
        overlays = (*self._graphics(), *overlays)
        base, other = (self._image_of(side) for side in sides)
        there = [side for side, image in zip(sides, (base, other), strict=True) if image is not None]
        synthetic = tuple(side for side in there if isinstance(side, ImageLayer))
        front = _unless_own(sides[0])
        message = "" if base is not None else self._lacking(sides[0])
        picture = Picture(base, front, overlays=overlays, synthetic=synthetic, results=said, message=message)
        if other is None:
            # All of it is the first: nothing may say otherwise.
            return replace(picture, message=message or f"{sides[1].name}: {self._lacking(sides[1])}")
        picture = replace(picture, sides=sides)
        if not state.flicker:
            return replace(picture, half=other, checkered=state.checkered)
        # A flickering pane is marked all the time: nobody tells its two pictures apart by a mark that comes and goes.
        shown = (other, _unless_own(sides[1])) if state.flipped else (base, front)
        return replace(picture, base=shown[0], front=shown[1], flicker=True)

    def _subtracted(self, state: DisplayState, sides: Sides, empty: Picture) -> Picture:
        """Return the picture of a difference; where there is none, what is missing."""
        whole = self.shown.kind != "stack"
        for side in sides:
            lacking = missing(self.document, side, whole=whole)
            if lacking:
                return replace(empty, message=lacking, overlays=(), results=())
        one, other = (self.values_of(side) for side in sides)
        if one is None or other is None:
            lacking = self._lacking(sides[0] if one is None else sides[1])
            said = f"{sides[0 if one is None else 1].name}: {lacking}"
            return replace(empty, message=said, overlays=(), results=())
        made = difference_of(sides, (one, other), state.strongest, self._scale)
        if isinstance(made, str):
            return replace(empty, message=made, overlays=(), results=())
        synthetic = tuple(side for side in sides if isinstance(side, ImageLayer))
        made = replace(made, colours=state.difference_colours)
        key = (self._place, sides, made.scale, made.strongest, made.colours)
        image = self._remembered("difference", key, lambda: pixels.difference_image(made.shades, made.colours))
        return replace(empty, base=image, synthetic=synthetic, sides=sides, difference=made)

    def _scale(self, key: object, make: Callable[[], Scale | None]) -> Scale | None:
        """Return how a difference is scaled, measured once while the voxels are the same."""
        return self._remembered("scale", (key, self.revision), make)

    def _lacking(self, image: Image) -> str:
        """Return why an image has no pixels here."""
        if isinstance(image, ImageLayer):
            return tr(NOT_COMPUTED)
        if image.own:
            return self._waiting()
        return missing(self.document, image, whole=False) or tr("none of it lies here")

    def _image_of(self, image: Image) -> QImage | None:
        """Return the picture of one of two images on the displayed slice, through its own window."""
        if isinstance(image, ImageLayer):
            return self._layer_image(image)
        if image.own:
            return self._original_image()
        sample = self.values_of(image)
        if sample is None:
            return None
        window, inverted = self.document.window(image.uid), self.inverted != image.opened.series.inverted
        key = (self._place, window, inverted)
        return self._remembered(image.uid, key, lambda: pixels.grey_image(sample, window, inverted=inverted))

    def _original_image(self) -> QImage | None:
        sample, opened = self.series_values(), self.opened
        if sample is None or opened is None:
            return None
        window, inverted = self.window_of(self.shown.series_uid), self.inverted != opened.series.inverted
        key = (self._place, window, inverted)
        if sample.colour is not None:
            colour = sample.colour
            return self._remembered("", key, lambda: pixels.colour_image(colour, inverted=self.inverted))
        return self._remembered("", key, lambda: pixels.grey_image(sample, window, inverted=inverted))

    def _graphics(self) -> list[Overlay]:
        """Return what the overlay planes stored with the original draw."""
        sample = self.series_values()
        if sample is None or sample.graphics is None or self.layer is not None:
            return []
        graphics = sample.graphics
        return self._remembered("graphics", self._place, lambda: pixels.graphics_overlays(graphics))

    def _layer_image(self, layer: ImageLayer) -> QImage | None:
        sample = self.layer_values(layer)
        if sample is None:
            return None
        window = self.document.window(layer.uid)
        key = (self._place, window, self.inverted)
        return self._remembered(layer.uid, key, lambda: pixels.grey_image(sample, window, inverted=self.inverted))

    def _coloured(self, layer: ImageLayer, image: QImage) -> QImage:
        """Return a synthetic image as it lies over the original: in colours, where the reader chose some."""
        if layer.colour_map == "grey":
            return image
        key = (image, layer.colour_map)
        return self._remembered("in colours", key, lambda: pixels.in_colours(image, layer.colour_map))

    def _faded(self, layer: ImageLayer, image: QImage) -> QImage:
        """Return a synthetic image as it lies over the original: fading where it is in doubt, if that was asked for."""
        doubt = self.doubt_of(layer)
        sample = self.layer_values(doubt) if doubt is not None and doubt.fades else None
        return image if doubt is None or sample is None else pixels.faded(image, sample, doubt)

    def _result_overlays(self, layer: Drawn, parts: pixels.Parts) -> list[Overlay]:
        sample = self.layer_values(layer)
        if sample is None:
            return []
        key = (self._place, layer, parts)
        if isinstance(layer, LabelLayer):
            return self._remembered(layer.uid, key, lambda: pixels.label_overlays(sample, layer, parts))
        if isinstance(layer, DoubtLayer):
            return self._remembered(layer.uid, key, lambda: pixels.doubt_overlays(sample, layer))
        return self._remembered(layer.uid, key, lambda: pixels.heat_overlays(sample, layer, parts))

    def _waiting(self) -> str:
        opened = self.opened
        if opened is None:
            return "opening"
        if not self.document.is_loaded(self.shown.series_uid):
            return tr("loading {0} / {1}").format(int(opened.ready.sum()), len(opened.ready))
        return tr("this slice could not be decoded")

    def touches(self, layer: Layer, index: int) -> bool:
        """Whether a slice of a layer's grid is part of what is displayed."""
        plane = self.plane
        if plane is None or not self.concerns(layer):
            return False
        corners = [plane.point(r, c) for r in (0, plane.rows - 1) for c in (0, plane.columns - 1)]
        at = [float(layer.volume.index(corner)[0]) for corner in corners]
        thick = 0.0 if self.cut.slab is None else self.cut.slab.thickness / 2 / layer.volume.spacing[0]
        return min(at) - 1 - thick < index < max(at) + 1 + thick

    def go_to(self, point: Vector) -> bool:
        """Show the slice nearest to an LPS point; return whether that is another one."""
        slices = self.slices
        if slices is None:
            return False
        before, self.index = self.index, slices.nearest(point)
        return before != self.index


def _unless_own(image: Image) -> Image | None:
    """Return an image that stands in the place of the pane's own series, None for that itself."""
    return None if isinstance(image, SeriesImage) and image.own else image
