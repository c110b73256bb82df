"""A picture to be exported, what it shows, and the marks that are burned into it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.display import Window
from medgan_viewer.core.findings import Reading
from medgan_viewer.core.layers import DoubtLayer, HeatLayer, ImageLayer, Layer, Provenance
from medgan_viewer.core.measure.picture import Labelled
from medgan_viewer.core.rendering import render_slice
from medgan_viewer.core.slicing import side_letters
from medgan_viewer.core.volume import Plane, SliceStack
from medgan_viewer.dicom.figures import drawn as figures_drawn
from medgan_viewer.dicom.finding_boxes import boxed, scales
from medgan_viewer.dicom.mark import MarkLine, burn

__all__ = ["Capture", "captured", "place_of"]


@dataclass(frozen=True, eq=False)
class Capture:
    """A picture of an examination, uint8 RGB [row, column, 3], before the marks are burned in.

    ``layers`` are the results drawn in it. ``plane`` says where the pixels lie (LPS mm), None where they lie on
    no single plane; ``slices`` are the acquired slices it shows. ``shows_identity`` where name, ID, a date or words
    that somebody typed are drawn, ``source_simulated`` where the made-up source is a simulation and no model's work.
    ``place`` is burned in below the marks; ``scaled`` are the heat maps whose scale stands below the picture.
    """

    pixels: NDArray[np.uint8]
    layers: tuple[Layer, ...]
    source_synthetic: bool
    plane: Plane | None = None
    slices: tuple[int, ...] = ()
    shows_identity: bool = False
    source_simulated: bool = False
    place: str = ""
    scaled: tuple[HeatLayer, ...] = ()

    def __post_init__(self) -> None:
        if self.pixels.ndim != 3 or self.pixels.shape[2] != 3 or self.pixels.dtype != np.uint8:
            raise ValueError("a capture is uint8 [row, column, 3]")

    @property
    def synthetic(self) -> bool:
        """Whether a model made some of the pixels, or the source was made up itself."""
        return self.source_synthetic or any(isinstance(layer, ImageLayer) for layer in self.layers)

    @property
    def provenance(self) -> Provenance | None:
        """Of the first synthetic image drawn, else of the first result, None where there is none."""
        ranked = sorted(self.layers, key=lambda layer: not isinstance(layer, ImageLayer))
        return ranked[0].provenance if ranked else None

    @property
    def marks(self) -> list[MarkLine]:
        """The lines that are burned in, one for each result drawn."""
        lines = [_mark(layer) for layer in self.layers]
        if self.source_synthetic:
            made_up = "SIMULATED PATIENT · no person" if self.source_simulated else "SYNTHETIC · source images"
            lines.insert(0, MarkLine(f"{made_up} · not for diagnosis", synthetic=True))
        plain = MarkLine("Capture · research only, not for diagnosis", synthetic=False)
        return list(dict.fromkeys(lines)) or [plain]

    @property
    def description(self) -> str:
        """The marks as one text."""
        return "; ".join(line.text for line in self.marks)

    def marked(self) -> tuple[NDArray[np.uint8], Plane | None]:
        """Return the picture with marks and orientation letters burned in around it, and the plane of its pixels.

        A picture without a plane gets no letters: who drew it knows which belong there.
        """
        sides = None if self.plane is None else side_letters(self.plane)
        place = [MarkLine(self.place, synthetic=False)] if self.place else []
        pixels, top, left = burn(self.pixels, [*self.marks, *place], sides)
        if self.scaled:
            pixels = np.concatenate([pixels, scales(self.scaled, pixels.shape[1])])
        if self.plane is None:
            return pixels, None
        corner = self.plane.point(-top, -left)
        return pixels, replace(self.plane, origin=corner, rows=pixels.shape[0], columns=pixels.shape[1])


def captured(
    series: Series,
    stack: SliceStack,
    index: int,
    window: Window,
    layers: Sequence[Layer] = (),
    *,
    base: ImageLayer | None = None,
    figures: Sequence[Labelled] = (),
    readings: Sequence[Reading] = (),
    place: str = "",
) -> Capture:
    """Return an acquired slice as a picture: the layers over the original, or over ``base`` in its place.

    What is not visible is not drawn. ``window`` is for whichever is shown; ``figures`` are drawn above all. Words that
    somebody typed count as identity: nobody knows what they say. ``readings`` put a box with its verdict around each
    finding of the heat maps that are drawn; ``place`` says which slice it is, see :func:`place_of`.
    """
    drawn = (*((base,) if base is not None else ()), *(layer for layer in layers if layer.visible))
    shown = render_slice(stack, index, window, layers, base=base, inverted=series.inverted and base is None)
    made_up = series.synthetic or series.simulated or stack.synthetic
    simulated = series.simulated and not series.synthetic
    heat = tuple(layer for layer in drawn if isinstance(layer, HeatLayer))
    seen = {layer.uid for layer in heat}
    pixels = boxed(shown.pixels, shown.plane, [one for one in readings if one.layer.uid in seen])
    pixels = figures_drawn(pixels, shown.plane, figures)
    typed = any(one.typed for one in figures)
    return Capture(
        pixels,
        drawn,
        made_up,
        shown.plane,
        (index,),
        typed,
        source_simulated=simulated,
        place=place,
        scaled=heat,
    )


def place_of(series: Series, stack: SliceStack, index: int, name: str = "") -> str:
    """Return which slice of which series a picture is of; without a ``name`` it holds nothing that somebody typed."""
    number = [] if series.number is None or name else [f"series {series.number}"]
    said = [f"slice {index + 1} of {len(stack)}", *number, name or series.contrast or series.modality]
    return " · ".join(part for part in said if part)


_KINDS: tuple[tuple[type, str], ...] = ((HeatLayer, "AI heat map"), (DoubtLayer, "AI doubt map"))


def _mark(layer: Layer) -> MarkLine:
    name = layer.provenance.model_name
    if isinstance(layer, ImageLayer):
        return MarkLine(f"SYNTHETIC · {name} · not for diagnosis", synthetic=True)
    if layer.provenance.hand == "drawn":
        return MarkLine("Segmentation drawn by hand · research only, not for diagnosis", synthetic=False)
    if not layer.provenance.weights_sha256:
        # Read from a file that another program wrote: nobody knows whether a model or a person made it.
        kind = "Map" if isinstance(layer, HeatLayer) else "Segmentation or drawing"
        return MarkLine(f"{kind} of another program · {name} · research only, not for diagnosis", synthetic=False)
    kind = next((words for made, words in _KINDS if isinstance(layer, made)), "AI segmentation")
    return MarkLine(f"{kind} · {name} · research only, not for diagnosis", synthetic=False)
