"""Where the slices of a series lie, from ImagePositionPatient and ImageOrientationPatient, and what is odd about it."""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.catalog import Instance, Series
from medgan_viewer.core.regrid import grid_of
from medgan_viewer.core.volume import SliceStack

__all__ = ["SAME_PLACE_MM", "is_sound", "location", "normal", "oddities", "outline", "stack_over"]

# Two slices nearer than this lie at one place.
SAME_PLACE_MM = 0.02
_MAX_NAMED_GAPS = 3
# A regular grid is larger than the slices it comes from by gaps and tilt, not by more than this.
_ALWAYS_SOUND_VOXELS, _MOST_GROWTH = 1 << 28, 16


def normal(instance: Instance) -> NDArray[np.float64]:
    """Return the unit normal of a slice (row × column cosines), along z where it has no orientation."""
    return np.array(_normal(instance.orientation))


@lru_cache(maxsize=256)
def _normal(orientation: tuple[float, ...] | None) -> tuple[float, float, float]:
    if orientation is None:
        return 0.0, 0.0, 1.0
    a, b, c, d, e, f = orientation
    x, y, z = b * f - c * e, c * d - a * f, a * e - b * d
    length = math.hypot(x, y, z)
    return (x / length, y / length, z / length) if length > 0 else (0.0, 0.0, 1.0)


def location(instance: Instance) -> float:
    """Return the position of a slice along its normal in mm, 0 where it has none."""
    if instance.position is None:
        return 0.0
    # In plain numbers: asked for every image of a folder, numpy's calls would take most of the time.
    (x, y, z), (a, b, c) = instance.position, _normal(instance.orientation)
    return x * a + y * b + z * c


def stack_over(array: NDArray[np.generic], series: Series) -> SliceStack:
    """Return the series' slices as they were acquired, with voxels ``array`` [slice, row, column].

    Images without a place in space are laid one thickness (or 1 mm) apart along z, pixels without a size are 1 mm.
    """
    instances = series.instances
    first = instances[0]
    rows_mm, columns_mm = first.pixel_spacing or (1.0, 1.0)
    cosines = np.array(first.orientation or (1.0, 0.0, 0.0, 0.0, 1.0, 0.0))
    thickness = np.array([instance.thickness or 0.0 for instance in instances])
    if first.position is None:
        step = float(thickness.max()) or 1.0
        origins = np.array([[0.0, 0.0, step * index] for index in range(len(instances))])
    else:
        origins = np.array([instance.position for instance in instances], dtype=np.float64)
    return SliceStack(
        array=array,
        origins=origins,
        row_step=cosines[3:] * rows_mm,
        column_step=cosines[:3] * columns_mm,
        thickness=thickness,
        frame_of_reference_uid=series.frame_of_reference_uid,
        modality=series.modality,
        unit="HU" if series.modality == "CT" else "",
        synthetic=series.synthetic,
        sop_instance_uids=tuple(instance.sop_instance_uid for instance in instances),
    )


def outline(series: Series) -> SliceStack:
    """Return the series' geometry with voxels that take no memory (all zero)."""
    first = series.instances[0]
    shape = (len(series.instances), first.rows, first.columns)
    return stack_over(np.broadcast_to(np.int16(0), shape), series)


def is_sound(series: Series) -> bool:
    """Whether the slices' places can be right: their regular grid must not be out of all proportion to them."""
    stack = outline(series)
    shape, (_, rows, columns) = grid_of(stack)[0], stack.array.shape
    if max(shape[1] / rows, shape[2] / columns) > _MOST_GROWTH:
        return False
    return math.prod(shape) <= max(_ALWAYS_SOUND_VOXELS, _MOST_GROWTH * math.prod(stack.array.shape))


def oddities(series: Series) -> list[str]:
    """Return one sentence for each way in which the slices are not evenly stacked: gaps, uneven spacing, tilt."""
    if len(series.instances) < 2 or series.instances[0].position is None:
        return []
    stack = outline(series)
    found = _spacing(stack.positions)
    tilt = _tilt(stack)
    if not stack.is_regular:
        step = f"{np.linalg.norm(stack.slice_step):.3g} mm"
        if tilt:
            how = "Acquired with a gantry tilt of" if series.modality == "CT" else "The slices lie staggered by"
            found.insert(0, f"{how} {tilt:.1f}°; MPR and models use a regular {step} grid.")
        else:
            found = found or ["The slices do not lie evenly behind one another."]
            found.append(f"MPR and models use a regular {step} grid.")
    return found


def _tilt(stack: SliceStack) -> float:
    """Return the angle in degrees between the stacking direction and the slice normal, 0 where it does not matter."""
    step = stack.origins[-1] - stack.origins[0]
    length = float(np.linalg.norm(step))
    cosine = abs(float(np.dot(step, stack.normal))) / length if length else 1.0
    degrees = math.degrees(math.acos(min(cosine, 1.0)))
    return degrees if degrees >= 0.25 else 0.0


def _spacing(positions: NDArray[np.float64]) -> list[str]:
    """Return sentences on missing slices or uneven spacing."""
    gaps = np.diff(positions)
    usual = float(np.median(gaps))
    # Nearly even: positions are rounded in DICOM's decimal strings.
    if usual <= 0 or np.abs(gaps - usual).max() <= max(0.02 * usual, SAME_PLACE_MM):
        return []
    counts = np.rint(gaps / usual)
    if counts.min() >= 1 and np.abs(gaps / usual - counts).max() < 0.1:
        return [_missing(positions, [int(n) - 1 for n in counts])]
    return [f"The slices are unevenly spaced: {gaps.min():.2f} to {gaps.max():.2f} mm apart."]


def _missing(positions: NDArray[np.float64], missing: Sequence[int]) -> str:
    total = sum(missing)
    what = "1 slice is missing" if total == 1 else f"{total} slices are missing"
    places = [
        (count, f"between slices {n + 1} and {n + 2} ({positions[n]:.2f} to {positions[n + 1]:.2f} mm)")
        for n, count in enumerate(missing)
        if count
    ]
    if len(places) == 1:
        return f"{what} {places[0][1]}."
    named = ", ".join(f"{count} {where}" for count, where in places[:_MAX_NAMED_GAPS])
    more = len(places) - _MAX_NAMED_GAPS
    return f"{what}: {named}{f' and others in {more} more places' if more > 0 else ''}."
