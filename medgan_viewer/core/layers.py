"""Results of models as layers on a series: synthetic images, segmentations, heat maps. No Qt here."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.volume import Volume

__all__ = [
    "AS_WELL",
    "BY_HAND",
    "NOTE",
    "Code",
    "DoubtLayer",
    "Finding",
    "Hand",
    "HeatLayer",
    "ImageLayer",
    "Judgement",
    "LabelLayer",
    "Layer",
    "Provenance",
    "Remark",
    "Segment",
    "Verdict",
    "threshold_at",
]

_DESPITE = "run although"
BY_HAND = "edited by hand"
"""What is said of a result that a reader changed, and the name of the setting that says when."""

AS_WELL = " as well"
"""Ends the name of the setting that says whether a series was taken which the model can do without."""

NOTE = "note"
"""The name of the setting that keeps what the user was told of the input and the run, as far as it stopped nothing."""

# What a reader's hand did to a result: nothing, changed what a model made, or drew all of it.
Hand = Literal["", "edited", "drawn"]
Verdict = Literal["open", "accepted", "rejected"]


@dataclass(frozen=True, slots=True)
class Code:
    """A coded concept: value, scheme (such as "SCT") and meaning."""

    value: str
    scheme: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a result comes from, complete enough to be written into a file and read by a person."""

    model_id: str
    model_name: str
    model_version: str
    weights_sha256: str
    source_series_uids: tuple[str, ...]
    device: str
    precision: str
    created: datetime
    licence: str
    intended_use: str
    limits: tuple[str, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    hand: Hand = ""

    @classmethod
    def drawn(cls, series_uid: str, created: datetime) -> "Provenance":
        """Return the provenance of what a reader drew on a series from nothing: no model had a part in it."""
        return cls(
            model_id="by-hand",
            model_name="Drawn by hand",
            model_version="",
            weights_sha256="",
            source_series_uids=(series_uid,),
            device="",
            precision="",
            created=created,
            licence="",
            intended_use="Research only.",
            hand="drawn",
        )

    def edited(self, when: str) -> "Provenance":
        """Return the provenance after a reader changed the result, ``when`` in words.

        The model's name says so too, as it stands wherever the result is shown, printed or written.
        """
        if self.hand:
            return self
        settings = (*self.settings, (BY_HAND, when))
        return replace(self, model_name=f"{self.model_name} · {BY_HAND}", settings=settings, hand="edited")

    @property
    def own(self) -> bool:
        """Whether a model of this program made the result, or a reader drew in it here; else a file brought it."""
        return bool(self.weights_sha256 or self.hand)

    def despite(self, objections: Sequence[str]) -> "Provenance":
        """Return the provenance of a run that a user wanted although the input check spoke against it.

        The model's name says so too, as it stands wherever the result is shown, printed or written.
        """
        settings = (*self.settings, (_DESPITE, " ".join(objections)))
        return replace(self, model_name=f"{self.model_name} · input check overridden", settings=settings)

    @property
    def overridden(self) -> str:
        """What spoke against the run and was overridden; "" where nothing was."""
        return dict(self.settings).get(_DESPITE, "")


@dataclass(frozen=True, eq=False, kw_only=True)
class _LayerBase:
    """What all layers share.

    ``volume`` lies on the source series' regular grid. While a job runs its array is still filling; ``ready[slice]``
    says which slices are valid, and only those are shown or exported.
    """

    uid: str
    name: str
    source_series_uid: str
    volume: Volume
    ready: NDArray[np.bool_]
    provenance: Provenance
    visible: bool = True
    opacity: float = 0.6

    @property
    def complete(self) -> bool:
        """Whether every slice is valid."""
        return bool(self.ready.all())

    def changed(self, **changes: Any) -> Any:
        """Return the layer with other display settings; voxels are shared."""
        return replace(self, **changes)


@dataclass(frozen=True, eq=False, kw_only=True)
class ImageLayer(_LayerBase):
    """A synthetic image, such as a T1 made from a CT. ``window`` is (width, centre) of its own, never the source's."""

    contrast: str
    window: tuple[float, float]
    # How far the network was to go, from 0 to 1, where the model has a control; and what the control is called.
    degree: float | None = None
    control: str = "sharpness"
    # A copy that the reader keeps to compare: no later run takes its place.
    kept: bool = False
    # Of the image where it lies over the original; in a pane of its own it is grey, as images are.
    colour_map: str = "grey"


@dataclass(frozen=True, slots=True)
class Segment:
    """One structure of a segmentation: its voxel value, name, colour (#rrggbb) and codes.

    ``locked`` where no tool may change its voxels, ``drawn`` where a reader added it and no algorithm found it.
    """

    label: int
    name: str
    colour: str
    code: Code
    category: Code
    visible: bool = True
    locked: bool = False
    drawn: bool = False


@dataclass(frozen=True, slots=True)
class Remark:
    """Words of a segment, beginning at an LPS point in mm: a reader's text, the name and measure of a region."""

    label: int
    text: str
    point: tuple[float, float, float]


@dataclass(frozen=True, eq=False, kw_only=True)
class LabelLayer(_LayerBase):
    """A segmentation: uint8 labels, 0 is background."""

    segments: tuple[Segment, ...]
    outline: bool = False
    # Words to be drawn beside the segments, where they came with some.
    remarks: tuple[Remark, ...] = ()
    # Voxels of each label, [256], by slice: shared, as the voxels are, by all copies with other display settings.
    counts: dict[int, NDArray[np.int64]] = field(default_factory=dict, repr=False)

    def count(self, index: int) -> None:
        """Count the voxels of a slice that is ready: one by one as they come, nobody waits for a whole head."""
        self.counts[index] = np.bincount(self.volume.array[index].ravel(), minlength=256)

    def millilitres(self) -> dict[int, float]:
        """Return the volume in ml of every segment over the slices that are ready."""
        ready = [int(index) for index in np.flatnonzero(self.ready)]
        for index in ready:
            if index not in self.counts:
                self.count(index)
        total = sum((self.counts[index] for index in ready), np.zeros(256, np.int64))
        return {segment.label: float(total[segment.label] * self.volume.voxel_ml) for segment in self.segments}


@dataclass(frozen=True, slots=True)
class Finding:
    """A connected region of a heat map above the threshold.

    ``index`` is [slice, row, column] of its peak, ``point`` that in LPS mm, ``score`` the peak, ``bounds`` the
    half-open (start, stop) ranges of slices, rows and columns.
    """

    number: int
    index: tuple[int, int, int]
    point: tuple[float, float, float]
    score: float
    millilitres: float
    bounds: tuple[tuple[int, int], tuple[int, int], tuple[int, int]]
    # The share of healthy people who show a score as high somewhere, where the model is calibrated for it.
    false_alarm_rate: float | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the reader said of a finding, when, and the threshold above which it was listed then."""

    finding: Finding
    verdict: Verdict
    at: datetime
    threshold: float
    # Why, in the reader's own words; often empty.
    reason: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class HeatLayer(_LayerBase):
    """An anomaly map, float32 in 0…1. ``thresholds`` are (false-alarm rate on healthy people, threshold) pairs."""

    threshold: float
    thresholds: tuple[tuple[float, float], ...] = field(default=())
    # Whether those rates hold for this scanner's patients; False where they are a reference only.
    guaranteed: bool = False
    colour_map: str = "inferno"
    # Maxima of healthy patients that the model never saw, for p-values; empty where there are none.
    healthy_maxima: tuple[float, ...] = ()
    # Whom thresholds and maxima were measured on, in words; empty where the model says nothing of it.
    calibrated_on: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class DoubtLayer(_LayerBase):
    """How far off the synthetic image ``image_uid`` may be: int16 in its stored values, the width of what was claimed.

    ``strongest`` is the width that gets the strongest colour; ``words`` say what the width is of. With ``fades`` the
    image fades where it is wide, wherever it is drawn over the original.
    """

    image_uid: str
    strongest: float
    words: str
    fades: bool = False
    colour_map: str = "teal-yellow"

    def share(self, widths: NDArray[Any]) -> NDArray[np.float32]:
        """Return how strong doubt is, 0…1, of some of its values."""
        return np.asarray(np.clip(np.asarray(widths, np.float32) / np.float32(self.strongest), 0, 1), dtype=np.float32)


Layer = ImageLayer | LabelLayer | HeatLayer | DoubtLayer


def threshold_at(layer: HeatLayer, false_alarm_rate: float) -> float:
    """Return the threshold of a false-alarm rate, interpolated between calibrated ones; the present one without any."""
    if not layer.thresholds:
        return layer.threshold
    rates, values = zip(*sorted(layer.thresholds), strict=True)
    return float(np.interp(false_alarm_rate, rates, values))
