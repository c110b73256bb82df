"""Where the frames of a multi-frame result lie, and their values on the regular grid of the series it was made from."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.regrid import extract, grid_of, regular_grid
from medgan_viewer.core.volume import Plane, SliceStack, Volume, Voxels
from medgan_viewer.errors import UsageError

if TYPE_CHECKING:
    from pydicom import Dataset

__all__ = ["acquired_slice", "as_array", "first", "from_acquired", "functional", "grid_volume", "planes", "put_on_grid"]

# Of a pixel: nearer than this, a frame lies on an acquired slice.
_SAME_PLACE = 0.05
_MOST_LATTICE_VOXELS = 1 << 30


def first(dataset: "Dataset | None", keyword: str) -> "Dataset | None":
    """Return the first item of a sequence, None where there is none."""
    items = None if dataset is None else dataset.get(keyword)
    return items[0] if items else None


def functional(dataset: "Dataset", frame: int, keyword: str) -> "Dataset | None":
    """Return a functional group of a frame (from 0): its own, else the shared one, else None."""
    frames = dataset.get("PerFrameFunctionalGroupsSequence") or []
    own = first(frames[frame], keyword) if frame < len(frames) else None
    return own if own is not None else first(first(dataset, "SharedFunctionalGroupsSequence"), keyword)


def planes(dataset: "Dataset", series: Series, stack: SliceStack) -> list[Plane]:
    """Return the plane of each frame: by its own position, else that of the source image it names.

    Raises ``UsageError`` where a frame says neither.
    """
    count = int(dataset.get("NumberOfFrames") or 1)
    by_uid = {uid: index for index, uid in enumerate(stack.sop_instance_uids)}
    alone = len(set(stack.sop_instance_uids)) == len(stack)
    found = []
    for frame in range(count):
        plane = _own_plane(dataset, frame)
        if plane is None and alone:
            index = by_uid.get(_source_uid(dataset, frame))
            plane = None if index is None else stack.plane(index)
        if plane is None:
            raise UsageError("This object does not say where its frames lie, so that it cannot be shown.")
        found.append(plane)
    return found


def _own_plane(dataset: "Dataset", frame: int) -> Plane | None:
    groups = [
        functional(dataset, frame, f"{name}Sequence") for name in ("PlanePosition", "PlaneOrientation", "PixelMeasures")
    ]
    position, orientation, measures = groups
    if position is None or orientation is None or measures is None:
        return None
    try:
        origin = np.array(position.ImagePositionPatient, dtype=float)
        cosines = np.array(orientation.ImageOrientationPatient, dtype=float)
        spacing = np.array(measures.PixelSpacing, dtype=float)
        rows, columns = int(dataset.Rows), int(dataset.Columns)
    except (AttributeError, TypeError, ValueError):
        return None
    sound = origin.shape == (3,) and cosines.shape == (6,) and spacing.shape == (2,) and (spacing > 0).all()
    lengths = np.linalg.norm(cosines.reshape(2, 3), axis=1) if sound else np.zeros(2)
    if not sound or np.abs(lengths - 1).max() > 0.01 or not np.isfinite([*origin, *cosines, *spacing]).all():
        return None
    return Plane(origin, cosines[3:] * spacing[0], cosines[:3] * spacing[1], rows, columns)


def _source_uid(dataset: "Dataset", frame: int) -> str:
    image = first(functional(dataset, frame, "DerivationImageSequence"), "SourceImageSequence")
    return "" if image is None else str(image.get("ReferencedSOPInstanceUID") or "")


def grid_volume(stack: SliceStack, array: Voxels) -> Volume:
    """Return voxels on the regular grid of a stack as a volume."""
    return Volume(array, grid_of(stack)[1], stack.frame_of_reference_uid, resampled=not stack.is_regular)


def put_on_grid(
    frames: Sequence[Plane], values: Sequence[Voxels], stack: SliceStack, *, nearest: bool
) -> tuple[Voxels, NDArray[np.bool_], bool]:
    """Return frames on the regular grid of a stack, which grid slices they cover, and whether they lay elsewhere.

    Frames on acquired slices keep their values where the stack is regular; on another grid, and for a tilted or uneven
    stack, they are interpolated linearly or by the nearest voxel. Where no frame is all is 0. Raises ``UsageError``
    where the frames are no stack.
    """
    indices = [acquired_slice(plane, stack) for plane in frames]
    if all(index is not None for index in indices):
        array = np.zeros(stack.array.shape, dtype=values[0].dtype)
        covered = np.zeros(len(stack), dtype=bool)
        for index, image in zip(indices, values, strict=True):
            assert index is not None
            np.maximum(array[index], image, out=array[index]) if covered[index] else np.copyto(array[index], image)
            covered[index] = True
        return *from_acquired(array, covered, stack, nearest=nearest), False
    volume = _lattice(frames, values)
    shape, affine = grid_of(stack)
    grid = Volume(np.broadcast_to(np.uint8(0), shape), affine)
    cut = [extract(volume, grid.plane(k), nearest=nearest, fill=0.0) for k in range(shape[0])]
    return np.stack(cut).astype(values[0].dtype, copy=False), _reached(frames, volume, grid), True


def _reached(frames: Sequence[Plane], lattice: Volume, grid: Volume) -> NDArray[np.bool_]:
    """Return which slices of a grid the frames reach, each half a step of their lattice thick on both sides."""
    half = lattice.affine[:3, 0] / 2
    reached = np.zeros(grid.shape[0], dtype=bool)
    for plane in frames:
        ends = [plane.point(row, column) for row in (0, plane.rows - 1) for column in (0, plane.columns - 1)]
        places = [float(grid.index(end + side)[0]) for end in ends for side in (half, -half)]
        low, high = math.ceil(min(places) - 1e-3), math.floor(max(places) + 1e-3)
        reached[max(low, 0) : max(high + 1, 0)] = True
    return reached


def acquired_slice(plane: Plane, stack: SliceStack) -> int | None:
    """Return the acquired slice that a plane covers pixel by pixel, None where there is none."""
    if (plane.rows, plane.columns) != stack.array.shape[1:]:
        return None
    index = int(np.abs(stack.origins - plane.origin).max(axis=1).argmin())
    own = stack.plane(index)
    tolerance = _SAME_PLACE * min(own.spacing)
    far = np.abs(plane.point(plane.rows - 1, plane.columns - 1) - own.point(own.rows - 1, own.columns - 1)).max()
    side = np.abs(plane.point(0, plane.columns - 1) - own.point(0, own.columns - 1)).max()
    return index if max(np.abs(plane.origin - own.origin).max(), far, side) <= tolerance else None


def from_acquired(
    array: Voxels, covered: NDArray[np.bool_], stack: SliceStack, *, nearest: bool
) -> tuple[Voxels, NDArray[np.bool_]]:
    """Return values on acquired slices [slice, row, column] on the regular grid, and which grid slices are covered."""
    if stack.is_regular:
        return array, covered
    shape, affine = grid_of(stack)
    grid = Volume(np.broadcast_to(np.uint8(0), shape), affine)
    positions = [float(np.dot(grid.point((k, 0, 0)), stack.normal)) for k in range(shape[0])]
    closest = [int(np.abs(stack.positions - position).argmin()) for position in positions]
    if not nearest:
        from dataclasses import replace

        return regular_grid(replace(stack, array=array)).array, covered[closest]
    out = np.zeros(shape, dtype=array.dtype)
    for k, index in enumerate(closest):
        if covered[index]:
            top, left = (round(n) for n in stack.plane(index).pixel(grid.point((k, 0, 0))))
            _paste(out[k], array[index], -top, -left)
    return out, covered[closest]


def _paste(target: Voxels, image: Voxels, top: int, left: int) -> None:
    """Copy an image onto another one with its corner at (top, left), as far as it lies there."""
    rows = slice(max(top, 0), min(top + image.shape[0], target.shape[0]))
    columns = slice(max(left, 0), min(left + image.shape[1], target.shape[1]))
    if rows.stop > rows.start and columns.stop > columns.start:
        target[rows, columns] = image[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]


def _lattice(frames: Sequence[Plane], values: Sequence[Voxels]) -> Volume:
    """Return parallel frames of one size as a volume; frames that were left out between them are 0."""
    base = frames[0]
    normal = base.normal
    offsets = np.array([plane.origin - base.origin for plane in frames])
    heights = offsets @ normal
    beside = np.abs(offsets - heights[:, None] * normal).max()
    steps = [
        max(np.abs(p.row_step - base.row_step).max(), np.abs(p.column_step - base.column_step).max()) for p in frames
    ]
    alike = all((p.rows, p.columns) == (base.rows, base.columns) for p in frames)
    if not alike or max(steps) > 1e-3 or beside > min(base.spacing) / 2:
        raise UsageError("The frames of this object do not lie behind one another, so that it cannot be shown.")
    gaps = np.diff(np.unique(np.round(heights, 4)))
    step = float(gaps.min()) if gaps.size else max(base.spacing)
    places = (heights - heights.min()) / step
    numbers = np.rint(places).astype(int)
    if np.abs(places - numbers).max() > 0.1 or (numbers.max() + 1) * base.rows * base.columns > _MOST_LATTICE_VOXELS:
        raise UsageError("The frames of this object are unevenly spaced on a grid of their own; it cannot be shown.")
    array = np.zeros((int(numbers.max()) + 1, base.rows, base.columns), dtype=values[0].dtype)
    for number, image in zip(numbers, values, strict=True):
        array[number] = np.maximum(array[number], image)
    affine = np.eye(4)
    affine[:3, 0], affine[:3, 1], affine[:3, 2] = normal * step, base.row_step, base.column_step
    affine[:3, 3] = base.origin + heights.min() * normal
    return Volume(array, affine)


def as_array(dataset: "Dataset") -> NDArray[Any]:
    """Return the frames of an object [frame, row, column] as they are stored. Raises what pydicom raises."""
    pixels = np.asarray(dataset.pixel_array)
    return pixels[None] if pixels.ndim == 2 else pixels
