"""What a series seems to show, from its pixels alone: pictures for a classifier, and what its answers come to.

A classifier sees single slices, turned as a radiologist expects them (by the affine), scaled to a square of
:data:`PICTURE` pixels and by the slice's own percentiles, so that neither units nor pixel size tell it anything. The
logits of the slices of a series are averaged before a question is answered. numpy only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.volume import Volume
from medgan_viewer.models.canonical import resampling_matrix
from medgan_viewer.models.encoding import encode

__all__ = [
    "PICTURE",
    "PLANES",
    "Answer",
    "Guess",
    "Question",
    "along",
    "answer",
    "looked_at",
    "pictures",
    "plane_of",
    "sampled",
]

PICTURE = 96
"""Rows and columns of what a classifier sees."""
SLICES = 9
"""Slices of a series that are looked at."""
PLANES = ("sagittal", "coronal", "axial")
"""The name of the plane whose normal lies along each axis of LPS."""
# How rows and columns run in each plane as a radiologist expects it, in LPS: feet below, the back below in axial
# slices; the patient's left on the right, the back on the right in sagittal ones.
_DOWN = {"axial": (0, 1, 0), "coronal": (0, 0, -1), "sagittal": (0, 0, -1)}
_RIGHT = {"axial": (1, 0, 0), "coronal": (1, 0, 0), "sagittal": (0, 1, 0)}
# The ends of a series often show little: this share of the slices on either side is not looked at.
_ENDS = 0.12

Pictures = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that a classifier is asked: its classes' channels are ``first``, ``first`` + 1 …

    Logits are divided by ``temperature`` before they become probabilities; under ``threshold`` the answer is "unsure".
    """

    name: str
    classes: tuple[str, ...]
    first: int
    temperature: float = 1.0
    threshold: float = 0.9


@dataclass(frozen=True, slots=True)
class Answer:
    """The likeliest class, its calibrated probability, and whether that is enough to speak of it."""

    name: str
    probability: float
    sure: bool

    @property
    def words(self) -> str:
        """The answer to a reader: "T2 (99 %)", or "unsure (T2 or so, 61 %)"."""
        share = f"{100 * self.probability:.0f} %"
        return f"{self.name} ({share})" if self.sure else f"unsure ({self.name}?, {share})"


@dataclass(frozen=True, slots=True)
class Guess:
    """What a series seems to show: the answer to each question by its name."""

    answers: Mapping[str, Answer]

    def sure(self, name: str) -> str | None:
        """Return the answer to a question where it is sure, else None; None too where nobody asked."""
        found = self.answers.get(name)
        return found.name if found is not None and found.sure else None


def answer(logits: NDArray[np.float32], questions: Sequence[Question]) -> Guess:
    """Return what the logits ``[slice, channel]`` of a series come to."""
    mean = np.asarray(logits, dtype=np.float64).mean(axis=0)
    found = {}
    for question in questions:
        probabilities = _softmax(mean[question.first : question.first + len(question.classes)] / question.temperature)
        best = int(probabilities.argmax())
        share = float(probabilities[best])
        found[question.name] = Answer(question.classes[best], share, share >= question.threshold)
    return Guess(found)


def _softmax(values: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = np.exp(values - values.max())
    return np.asarray(powers / powers.sum())


def plane_of(volume: Volume) -> str:
    """Return the plane that a volume's slices are nearest to by its affine."""
    return PLANES[int(np.abs(volume.plane(0).normal).argmax())]


def along(volume: Volume, axis: int) -> Volume:
    """Return the same voxels with another array axis (0, 1, 2) as that of the slices; nothing is interpolated."""
    order = [axis, *(other for other in range(3) if other != axis)]
    affine = volume.affine.copy()
    affine[:, :3] = volume.affine[:, order]
    return replace(volume, array=volume.array.transpose(order), affine=affine)


def sampled(count: int, wanted: int = SLICES) -> list[int]:
    """Return which of ``count`` slices are looked at: evenly spread, not the outermost ones; all of a few."""
    if count <= wanted:
        return list(range(count))
    places = np.linspace(_ENDS * (count - 1), (1 - _ENDS) * (count - 1), wanted)
    return sorted({round(float(place)) for place in places})


def looked_at(volume: Volume) -> Volume:
    """Return the slices that are looked at alone, few enough to be sent to another process; how far apart they lie is
    not kept.
    """
    return replace(volume, array=np.stack([volume.array[index] for index in sampled(volume.shape[0])]))


def pictures(volume: Volume, slices: Sequence[int] | None = None, size: int = PICTURE) -> Pictures:
    """Return ``[slice, 1, size, size]`` of 0…1 of some slices (default: :func:`sampled`); those that are flat are left
    out, so there may be none.
    """
    chosen = sampled(volume.shape[0]) if slices is None else slices
    plane = plane_of(volume)
    steps = volume.affine[:3, 1:3] / np.linalg.norm(volume.affine[:3, 1:3], axis=0)
    down, right = np.array(_DOWN[plane]) @ steps, np.array(_RIGHT[plane]) @ steps
    swapped = abs(down[1]) > abs(down[0])
    turns = (down[1] < 0, right[0] < 0) if swapped else (down[0] < 0, right[1] < 0)
    spacing = volume.spacing[:0:-1] if swapped else volume.spacing[1:]
    made = []
    for index in chosen:
        image = volume.array[index].T if swapped else volume.array[index]
        image = image[:: -1 if turns[0] else 1, :: -1 if turns[1] else 1]
        scaled = _scaled(image)
        if scaled is not None:
            made.append(_squared(scaled, (spacing[0], spacing[1]), size))
    return np.stack(made)[:, None] if made else np.zeros((0, 1, size, size), np.float32)


def _scaled(image: NDArray[np.generic]) -> Pictures | None:
    """Return a slice between its percentiles as 0…1, None where it is flat."""
    scaled = encode("slice_percentiles", image[None], ())[0, 0]
    return scaled if scaled.any() else None


def _squared(image: Pictures, spacing: tuple[float, float], size: int) -> Pictures:
    """Return an image in the middle of a square of ``size`` pixels that its longer side fills; 0 beside it."""
    extent = max(count * step for count, step in zip(image.shape, spacing, strict=True))
    pixel = extent / size
    rows, columns = (
        resampling_matrix(size, pixel, (count - 1) * step / 2 - (size - 1) * pixel / 2, count, step)
        for count, step in zip(image.shape, spacing, strict=True)
    )
    return np.asarray(rows @ image @ columns.T, dtype=np.float32)
