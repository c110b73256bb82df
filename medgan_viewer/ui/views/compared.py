"""Two images that share a pane: which they are, and what the one is minus the other. No Qt here."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from medgan_viewer.core.difference import Measured, Scale, difference, levels, paired_values, scale_of, why_not
from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.core.layers import ImageLayer
from medgan_viewer.core.registration import Rigid
from medgan_viewer.core.volume import Volume
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.views.slices import Sample

__all__ = ["Difference", "Image", "Pair", "SeriesImage", "Sides", "difference_of", "measured", "missing"]

# UIDs of two images to compare, each of a series or of a synthetic image.
Pair = tuple[str, str]


@dataclass(frozen=True)
class SeriesImage:
    """A series as one of two images. ``own`` is the one that the pane shows, ``original`` what the other was made from.

    Of a series in a space of its own ``way`` leads from the pane's points to its points, and ``how`` says with which
    figure that was registered.
    """

    opened: OpenSeries
    own: bool = False
    way: Rigid | None = None
    how: str = ""
    original: bool = False

    @property
    def uid(self) -> str:
        """The series' UID."""
        return self.opened.series.uid

    @property
    def name(self) -> str:
        """What it is called where two images are named."""
        series = self.opened.series
        return "original" if self.original and not series.synthetic else series.description or series.modality

    @cached_property
    def volume(self) -> Volume:
        """The series' regular grid where it lies in the pane's space: the voxels are its own, only the affine moves."""
        volume = self.opened.volume()
        return volume if self.way is None else replace(volume, affine=self.way.inverse.matrix @ volume.affine)

    @property
    def unit(self) -> str:
        """The unit of its values."""
        return self.opened.stack.unit


Image = ImageLayer | SeriesImage
Sides = tuple[Image, Image]


@dataclass(frozen=True, eq=False)
class Difference:
    """The second of two images minus the first, on the displayed slice; ``strongest`` gets the strongest colour.

    ``colours`` is the map of its colours, one of ``core.colour_maps.DIFFERENCES``.
    """

    sides: Sides
    scale: Scale
    strongest: float
    sample: Sample
    colours: str = "blue-orange"

    @property
    def name(self) -> str:
        """Which image minus which."""
        return f"{self.sides[1].name} − {self.sides[0].name}"

    @property
    def shades(self) -> Sample:
        """The difference as places in a colour map, see :func:`medgan_viewer.core.difference.levels`."""
        return Sample(levels(self.sample.values, self.strongest), self.sample.valid)


def measured(image: Image) -> Measured:
    """Return what the values of an image are."""
    if isinstance(image, ImageLayer):
        volume, made_by = image.volume, f"{image.provenance.model_id} {image.provenance.weights_sha256}"
        return Measured(image.name, volume.modality, volume.unit, image.contrast, made_by)
    series = image.opened.series
    return Measured(image.name, "colour" if series.colour else series.modality, image.unit, series.contrast)


def missing(document: Document, image: Image, *, whole: bool) -> str:
    """Return what is missing of a series before values can be taken from it, "" where nothing is.

    ``whole`` asks for every slice: a grid that was computed without one holds air in its place.
    """
    if isinstance(image, ImageLayer):
        return ""
    if not document.is_loaded(image.uid):
        return tr("loading {0}").format(image.name)
    return tr("slices of {0} could not be decoded").format(image.name) if whole and not image.opened.complete else ""


def difference_of(
    sides: Sides,
    samples: tuple[Sample, Sample],
    strongest: float | None,
    remembered: Callable[[object, Callable[[], Scale | None]], Scale | None],
) -> Difference | str:
    """Return the second image minus the first on a slice, or why there is none, in a sentence.

    ``samples`` are both on the slice's pixels; only where both have a value is there a difference. ``remembered``
    keeps the scale of a pair of volumes.
    """
    first, second = measured(sides[0]), measured(sides[1])
    refused = why_not(first, second)
    if refused:
        return refused
    whole = all(not isinstance(side, ImageLayer) or side.complete for side in sides)
    volumes = sides[0].volume, sides[1].volume
    scale = remembered((*volumes, whole), lambda: scale_of(first, second, paired_values(*volumes) if whole else None))
    if scale is None and not whole:
        return tr("The difference of MR is scaled by the whole images: wait until they are finished.")
    if scale is None:
        return tr("{0} and {1} have too little in common to bring them to one scale.").format(second.name, first.name)
    one, other = samples
    valid = one.valid if other.valid is None else other.valid if one.valid is None else one.valid & other.valid
    values = difference(one.values, other.values, scale)
    return Difference(sides, scale, strongest or scale.strongest, Sample(values, valid))
