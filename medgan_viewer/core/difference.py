"""One image minus another: when that means something, in which unit, and how it is scaled. No Qt here.

Values of CT are Hounsfield units and subtract as they are. Those of MR have no unit: two images of one contrast are
brought to one scale first, unless one model made both.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.volume import Volume, Voxels

__all__ = ["Measured", "Scale", "difference", "levels", "paired_values", "rounded", "scale_of", "why_not"]

Values = NDArray[np.float32]

# Pairs of voxels from which factors and ranges are measured: enough for two digits, and a few milliseconds.
_SAMPLES = 24_000
_FEWEST = 50
# What counts as body: air has no difference that anybody would look at, and no ratio.
_BODY_HU = -500.0
_BODY_MR = 0.1
# Of 100 voxels of the body, about two differ by more than the range that is shown at first: it is a round number near.
_RANGE_PERCENTILE = 98.0
# The range of a CT of which nothing can be measured yet.
_FIRST_HU = 200.0


@dataclass(frozen=True, slots=True)
class Measured:
    """What the values of an image are. ``made_by`` names the model that made it, "" for an acquired image."""

    name: str
    modality: str
    unit: str
    contrast: str | None = None
    made_by: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """second × ``second_factor`` − first × ``first_factor`` is the difference in ``unit``.

    ``strongest`` is the difference that gets the strongest colour at first. ``words`` say how values were rescaled,
    "" where they were not.
    """

    unit: str
    strongest: float
    first_factor: float = 1.0
    second_factor: float = 1.0
    words: str = ""


def why_not(first: Measured, second: Measured) -> str:
    """Return why one image cannot be subtracted from the other in a sentence, "" where it can."""
    pair = f"{second.name} and {first.name}"
    if first.modality != second.modality:
        return f"{pair} are {second.modality} and {first.modality}: their values have no common unit."
    if first.unit == second.unit == "HU":
        return ""
    if first.modality != "MR":
        return f"The values of {pair} have no common unit."
    if first.contrast and second.contrast and first.contrast != second.contrast:
        return f"{pair} are {second.contrast} and {first.contrast}: their difference would mean nothing."
    return ""


def paired_values(first: Volume, second: Volume) -> tuple[Values, Values]:
    """Return values [n] of two volumes at the same places: voxels of ``second`` and what lies nearest in ``first``.

    Places outside ``first`` are left out; both lie in one frame of reference.
    """
    step = max(1, round((second.array.size / _SAMPLES) ** (1 / 3)))
    axes = [np.arange(min(step // 2, count - 1), count, step) for count in second.shape]
    index = np.stack([axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")])
    turn = first.inverse @ second.affine
    there = np.rint(turn[:3, :3] @ index + turn[:3, 3:]).astype(np.intp)
    inside = ((there >= 0) & (there < np.array(first.shape)[:, None])).all(axis=0)
    here, there = index[:, inside], there[:, inside]
    return first.array[tuple(there)].astype(np.float32), second.array[tuple(here)].astype(np.float32)


def scale_of(first: Measured, second: Measured, pairs: tuple[Values, Values] | None) -> Scale | None:
    """Return how the difference second − first is scaled; None where that cannot be told from these pairs of values.

    ``pairs`` are from :func:`paired_values`, None while one of the images is not whole. MR of different origin is
    rescaled: the second by the median ratio of the two within the body, which a few outliers do not move, and both to
    percent of the 99.5th percentile of the first. A bias in brightness as a whole is lost by that, which is said.
    """
    if first.unit == second.unit == "HU":
        if pairs is None:
            return Scale("HU", _FIRST_HU)
        body = np.maximum(*pairs) > _BODY_HU
        return Scale("HU", _strongest(pairs[1] - pairs[0], body))
    if pairs is None or len(pairs[0]) < _FEWEST:
        return None
    tops = [float(np.percentile(values, 99.5)) for values in pairs]
    if min(tops) <= 0:
        return None
    body = (pairs[0] > _BODY_MR * tops[0]) & (pairs[1] > _BODY_MR * tops[1])
    if first.made_by and first.made_by == second.made_by:
        return Scale(second.unit, _strongest(pairs[1] - pairs[0], body))
    if int(body.sum()) < _FEWEST:
        return None
    ratio = float(np.median(pairs[0][body] / pairs[1][body]))
    whole = 100.0 / tops[0]
    strongest = _strongest((pairs[1] * ratio - pairs[0]) * whole, body)
    words = f"rescaled × {ratio:.3g} · in % of the 99.5th percentile"
    return Scale("%", strongest, whole, ratio * whole, words)


def difference(first: Voxels, second: Voxels, scale: Scale) -> Values:
    """Return the scaled difference second − first of values at the same places, float32."""
    made = np.multiply(second, np.float32(scale.second_factor), dtype=np.float32)
    made -= np.multiply(first, np.float32(scale.first_factor), dtype=np.float32)
    return np.asarray(made, dtype=np.float32)


def levels(values: Values, strongest: float) -> NDArray[np.uint8]:
    """Return the place of each difference in a colour map of 256: 128 is none, 1 and 255 the strongest, either way."""
    made = np.multiply(values, np.float32(127.0 / strongest))
    np.nan_to_num(made, copy=False)
    np.clip(made, -127, 127, out=made)
    return np.asarray(np.rint(made, out=made) + 128, dtype=np.uint8)


def rounded(value: float) -> float:
    """Return the nearest of 1, 2, 5, 10, 20, 50 … by its ratio, for a scale that can be read.

    The next larger one would draw differences just above a step in the weaker 40 % of the colours alone.
    """
    if not np.isfinite(value) or value <= 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(value))
    return float(min((step * power for step in (1, 2, 5, 10)), key=lambda near: abs(np.log(near / value))))


def _strongest(values: Values, body: NDArray[np.bool_]) -> float:
    chosen = values[body] if int(body.sum()) >= _FEWEST else values
    return rounded(float(np.percentile(np.abs(chosen), _RANGE_PERCENTILE))) if chosen.size else 1.0
