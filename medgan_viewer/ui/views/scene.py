"""What one pane shows: which pictures lie on its slice, and what must be said about them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar, cast
from weakref import WeakValueDictionary

from PySide6.QtGui import QImage

from medgan_viewer.core.difference import Scale
from medgan_viewer.core.display import Window
from medgan_viewer.core.layers import DoubtLayer, ImageLayer, LabelLayer
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.views import pixels
from medgan_viewer.ui.views.compared import Image, SeriesImage, Sides, difference_of, missing
from medgan_viewer.ui.views.pixels import Overlay, Overlays
from medgan_viewer.ui.views.scene_values import Drawn, Links, SceneValues
from medgan_viewer.ui.views.shown import DisplayState, Picture, Shown
from medgan_viewer.ui.views.slices import Cut, Sample
from medgan_viewer.wording import marked

__all__ = ["DisplayState", "Links", "Picture", "Scene", "Shown"]

_T = TypeVar("_T")

NOT_COMPUTED = marked("not computed yet")

# Pictures by the values they were made of and how: what hangs in several panes is drawn once, and goes with the last.
_shared: "WeakValueDictionary[tuple[object, ...], object]" = WeakValueDictionary()


@dataclass(eq=False)
class Scene(SceneValues):
    """The slices of a pane and the pictures on them."""

    _pictures: dict[str, tuple[object, object]] = field(default_factory=dict, repr=False)

    def forget(self, uid: str) -> None:
        """Say that voxels of a series or layer changed."""
        super().forget(uid)
        self._pictures.pop(uid, None)

    def drop_pictures(self) -> None:
        """Keep no picture while the scene is not on the screen."""
        self._pictures.clear()

    def redraw(self, layer_uid: str) -> None:
        """Say that voxels of a result changed on the displayed slice: what lies under it is kept as it is drawn."""
        self.samples.forget(layer_uid)
        self._pictures.pop(layer_uid, None)
        self._pictures.pop("picture", None)

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

    def _of_values(self, name: str, key: tuple[object, ...], make: Callable[[], _T]) -> _T:
        """Return the latest picture of a name, which may be another pane's; values that changed are another sample."""

        def found() -> _T:
            known = _shared.get(key)
            if known is None:
                known = _shared[key] = make()
            return cast(_T, known)

        return self._remembered(name, key, found)

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
        return self._grey(image.uid, sample, window, inverted=inverted)

    def _original_image(self) -> QImage | None:
        sample, opened = self.series_values(), self.opened
        if sample is None or opened is None:
            return None
        window, inverted = self.window_of(self.shown.series_uid), self.inverted != opened.series.inverted
        if sample.colour is not None:
            colour, key = sample.colour, (sample, self.inverted)
            return self._of_values("", key, lambda: pixels.colour_image(colour, inverted=self.inverted))
        return self._grey("", sample, window, inverted=inverted)

    def _grey(self, name: str, sample: Sample, window: Window, *, inverted: bool) -> QImage:
        """Return values through a window."""
        key = (sample, window, inverted)
        return self._of_values(name, key, lambda: pixels.grey_image(sample, window, inverted=inverted))

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
        return self._grey(layer.uid, sample, self.document.window(layer.uid), inverted=self.inverted)

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
        return [] if sample is None else self._of_values(layer.uid, *_drawing(layer, sample, parts))

    def _waiting(self) -> str:
        opened = self.opened
        if opened is None:
            return "opening"
        if not self.document.is_loaded(self.shown.series_uid):
            return tr("loading {0} / {1}").format(int(opened.ready.sum()), len(opened.ready))
        return tr("this slice could not be decoded")


def _unless_own(image: Image) -> Image | None:
    """Return an image that stands in the place of the pane's own series, None for that itself."""
    return None if isinstance(image, SeriesImage) and image.own else image


def _drawing(layer: Drawn, sample: Sample, parts: pixels.Parts) -> tuple[tuple[object, ...], Callable[[], Overlays]]:
    """Return what the pictures of a result depend on, and what draws them."""
    if isinstance(layer, LabelLayer):
        return (sample, layer, parts), lambda: pixels.label_overlays(sample, layer, parts)
    if isinstance(layer, DoubtLayer):
        return (sample, layer), lambda: pixels.doubt_overlays(sample, layer)
    return (sample, layer, parts), lambda: pixels.heat_overlays(sample, layer, parts)
