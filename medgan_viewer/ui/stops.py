"""One result at several degrees of its control: which were computed, which is shown, and how far off it may be."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from medgan_viewer.core.commands import AddLayers
from medgan_viewer.core.document import Document
from medgan_viewer.core.layers import DoubtLayer, ImageLayer, Layer

if TYPE_CHECKING:
    from medgan_viewer.models.manifest import Package
    from medgan_viewer.services import ModelRun

__all__ = ["Stops"]

SOBER, SHARP = 0.0, 1.0
_NEIGHBOURS = 3


@dataclass(eq=False)
class _Stop:
    """The pictures of one degree, as far as they are computed."""

    images: tuple[ImageLayer, ...]
    running: bool = True

    @property
    def complete(self) -> bool:
        return all(image.complete for image in self.images)

    @property
    def presentable(self) -> bool:
        """Whether the slice that is looked at is there: its neighbours come first, and it may lie between them."""
        ready = self.images[0].ready
        return not self.running or int(ready.sum()) >= min(_NEIGHBOURS, len(ready))


@dataclass(eq=False)
class Stops:
    """The stops of one model on one series; the document's layers ``uids``, by output, show the chosen one.

    A stop's pictures stay once they were computed, so that going back to one costs nothing.
    """

    document: Document
    package: "Package"
    series_uid: str
    chosen: float
    uids: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    doubt_wanted: bool = False
    _made: dict[float, _Stop] = field(default_factory=dict)

    def begin(self, run: "ModelRun") -> None:
        """Take the layers of a run, which are on the document already, in the place of all that was there before."""
        images, doubts = _parted(run.layers)
        self._made = {self.chosen if run.degree is None else run.degree: _Stop(images)}
        if run.degree is not None:
            self.chosen = run.degree
        self.uids, self.doubts = (tuple(layer.uid for layer in layers) for layers in (images, doubts))
        self.doubt_wanted = False

    @property
    def alive(self) -> bool:
        """Whether the result is on the document, and not taken away or undone."""
        there = {layer.uid for layer in self.document.layers}
        return bool(self.uids) and there.issuperset(self.uids)

    def is_there(self, degree: float) -> bool:
        """Whether a stop is computed or under way."""
        stop = self._made.get(degree)
        return stop is not None and (stop.running or stop.complete)

    def pictures(self, degree: float) -> tuple[ImageLayer, ...]:
        """Return the whole pictures of a stop; none while they are not all there."""
        stop = self._made.get(degree)
        return stop.images if stop is not None and stop.complete else ()

    def show(self) -> None:
        """Let the document's layers show the chosen stop, as soon as what the reader looks at is there."""
        stop = self._made.get(self.chosen)
        if stop is None or not self.alive or not stop.presentable:
            return
        for uid, image in zip(self.uids, stop.images, strict=True):
            shown = self.document.layer(uid)
            if isinstance(shown, ImageLayer) and shown.volume is not image.volume:
                self.document.refill_layer(
                    shown.changed(
                        name=image.name,
                        volume=image.volume,
                        ready=image.ready,
                        provenance=image.provenance,
                        degree=image.degree,
                    )
                )

    def arrive(self, run: "ModelRun") -> tuple[DoubtLayer, ...]:
        """Take the first slice of a run of another stop; return the layers of doubt that came with it."""
        images, doubts = _parted(run.layers)
        assert run.degree is not None
        self._made[run.degree] = _Stop(images)
        self.show()
        if not doubts or not self.alive:
            return ()
        there = {layer.uid for layer in self.document.layers}
        earlier = tuple(self.document.layer(uid) for uid in self.doubts if uid in there)
        # They are of the images that the reader sees, whichever stop those show.
        made = tuple(
            doubt.changed(image_uid=uid, visible=self.doubt_wanted)
            for doubt, uid in zip(doubts, self.uids, strict=True)
        )
        self.document.execute(AddLayers(made, earlier))
        self.doubts = tuple(layer.uid for layer in made)
        return made

    def slice_ready(self, run: "ModelRun", index: int) -> None:
        """Say that a slice of a run is filled, to whoever sees it."""
        if run.degree == self.chosen:
            self.show()
        shown = self.uids if run.degree is None or run.degree == self.chosen else ()
        for uid in (*shown, *(layer.uid for layer in run.layers if isinstance(layer, DoubtLayer))):
            self.document.layer_slice_ready(uid, index)

    def end(self, run: "ModelRun") -> None:
        """Take the end of a run: where it was really computed, and that nothing more comes."""
        images, _ = _parted(run.layers)
        degree = self.chosen if run.degree is None else run.degree
        stop = self._made.get(degree)
        if stop is None or stop.images[0].volume is not images[0].volume:
            return
        stop.images, stop.running = images, False
        if degree != self.chosen or not self.alive:
            return
        if stop.images[0].ready.any():
            self.show()
        for uid, image in zip(self.uids, images, strict=True):
            shown = self.document.layer(uid)
            if shown.provenance != image.provenance:
                self.document.change_layer(shown.changed(provenance=image.provenance))

    @property
    def doubt_layers(self) -> tuple[Layer, ...]:
        """The layers of doubt that are on the document."""
        return tuple(layer for layer in self.document.layers if layer.uid in self.doubts)

    @property
    def doubt_shown(self) -> bool:
        """Whether doubt is drawn, or wanted as soon as it is computed."""
        return self.doubt_wanted or any(layer.visible for layer in self.doubt_layers)

    def set_doubt(self, *, on: bool) -> None:
        """Draw the doubt of all images of the result, or do not."""
        self.doubt_wanted = on and not self.doubt_layers
        for layer in self.doubt_layers:
            if layer.visible != on:
                self.document.change_layer(layer.changed(visible=on))


def _parted(layers: tuple[Layer, ...]) -> tuple[tuple[ImageLayer, ...], tuple[DoubtLayer, ...]]:
    return (
        tuple(layer for layer in layers if isinstance(layer, ImageLayer)),
        tuple(layer for layer in layers if isinstance(layer, DoubtLayer)),
    )
