"""A network over the slices of a series: the slice the reader looks at first, everything back on the series' own grid.

Runs in the worker's process. torch is imported inside functions, so that the viewer can import this package.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.regrid import extract
from medgan_viewer.core.volume import Vector, Volume, Voxels
from medgan_viewer.errors import JobError, UnsuitableError
from medgan_viewer.models import encoding
from medgan_viewer.models.canonical import CanonicalView, Crop, crop_around, resampling_matrix
from medgan_viewer.models.device import LoadedNetwork, forget, is_out_of_memory, load
from medgan_viewer.models.manifest import Manifest, Package

if TYPE_CHECKING:
    import torch

__all__ = ["JobContext", "Prepared", "SliceWriter", "infer", "load_where_it_fits", "prepare", "slices_outside"]

# Room around the head, in pixels of the network's grid.
_MARGIN = 6
# Small, so that a cancellation or a scroll is answered within a batch.
_BATCH = {"cpu": 2, "mps": 4, "cuda": 16}
# Nothing in a patient is below air; scanners pad with values far under it.
_LOWEST_HU = -1024.0
# Everything in a head but air is denser than this.
_SOFTEST_HU = -350.0


class JobContext(Protocol):
    """What a job sees of the viewer; ``visible`` is the source slice the reader looks at."""

    visible: int | None
    device: str

    @property
    def cancelled(self) -> bool: ...
    def array(self, handle: Any, /) -> NDArray[Any]: ...
    def started(self, device: str, precision: str, slices: int, inputs: int | None = None, /) -> None: ...
    def slice_ready(self, index: int, /) -> None: ...
    def notice(self, sentence: str, /) -> None: ...


class SliceWriter(Protocol):
    """What a task does with the network's output for one slice."""

    def __call__(self, prediction: "torch.Tensor", prepared: "Prepared", index: int, /) -> None:
        """Take ``prediction`` [channel, row, column] of canonical slice ``index`` on the network's grid."""


@dataclass(frozen=True)
class Prepared:
    """A series as a network takes it: slices are encoded, and their foreground filled, when they are asked for.

    ``mask`` is the foreground within the window, ``open`` whether what it encloses in a slice belongs to it as well.
    ``encoders`` give the channels of each input's slices on the whole grid, ``outside`` what each channel is in air
    (None: beyond its edge a picture goes on as in a mirror), ``window`` the rows and columns that the network sees.
    ``grid_mm`` is the size of a row and of a column; ``start`` (mm) is the centre of the window's first row and column,
    on an axis whose zero is the centre of the canonical source's first row and column.
    """

    view: CanonicalView
    encoders: tuple[encoding.Encoder, ...]
    outside: tuple[float, ...] | None
    window: tuple[Crop, Crop]
    mask: NDArray[np.bool_]
    grid_mm: tuple[float, float]
    start: tuple[float, float]
    neighbours: int
    channels_per_slice: int
    open: bool = False

    def inputs(self, indices: list[int]) -> NDArray[np.float32]:
        """Return the network's input for some slices: [batch, channel, row, column]."""
        seen = [encoding.with_neighbours(index, self.neighbours, self.view.shape[0]) for index in indices]
        wanted, places = np.unique(np.stack(seen), return_inverse=True)
        encoded = np.concatenate([encoder(wanted) for encoder in self.encoders], axis=1)
        cropped = _cropped(encoded, self.window, self.outside)
        return np.stack(
            [encoding.stacked(cropped[some], self.channels_per_slice) for some in places.reshape(len(indices), -1)]
        )

    @cached_property
    def _back(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        matrices = [
            resampling_matrix(self.view.shape[axis], self.view.spacing[axis], 0.0, count, grid_mm, start)
            for axis, count, grid_mm, start in zip((1, 2), self.mask.shape[1:], self.grid_mm, self.start, strict=True)
        ]
        return matrices[0], matrices[1].T

    def to_source(self, images: "torch.Tensor") -> "torch.Tensor":
        """Return images [n, row, column] on the canonical source grid; 0 outside the network's window."""
        import torch

        rows, columns = (torch.from_numpy(np.ascontiguousarray(matrix)).to(images.device) for matrix in self._back)
        return torch.matmul(torch.matmul(rows, images), columns)

    def head(self, index: int) -> NDArray[np.bool_]:
        """Return the head of canonical slice ``index`` within the network's window."""
        mask: NDArray[np.bool_] = self.mask[index]
        return encoding.fill_holes(mask[None])[0] if self.open else mask

    def head_on_source(self, index: int) -> NDArray[np.bool_]:
        """Return the head of canonical slice ``index`` on the canonical source grid."""
        rows, columns = self._back
        return np.asarray(rows @ self.head(index).astype(np.float32) @ columns >= 0.5)


def prepare(
    array: Voxels, affine: Vector, modality: str, manifest: Manifest, further: Sequence[Volume] = ()
) -> Prepared:
    """Turn, resample, encode and crop a volume [slice, row, column]; UnsuitableError for an unknown modality.

    ``further`` are the other inputs of a model of several series, on any grid of the same space (LPS mm): they are
    interpolated linearly onto the first one's grid, air where they do not reach, and their channels follow its own in
    every slice; those of an optional input that is not given are zeros. The head is the first one's; for a model that
    works on the acquired grid it is all that was acquired.
    """
    steps = manifest.preprocessing
    first = Volume(array, affine, modality=modality)
    view = CanonicalView.of(affine, first.shape)
    resampled, start = _in_plane(view, array, modality, manifest)
    grid_mm = _grid_mm(view, manifest)
    spacing = (view.spacing[0], *grid_mm)
    if steps.acquired_grid:
        # What lies outside a scanner's field of view it fills with values below all others.
        head = view.turned(array) >= (_LOWEST_HU if modality == "CT" else -np.inf)
    elif modality != "CT":
        head = encoding.mr_foreground(resampled, spacing)
    elif steps.mask_couch:
        head = resampled > _SOFTEST_HU
    else:
        head = encoding.ct_foreground(resampled, spacing)
    # An MR's units are those of its own head: worked out once, and by the encoder where the mask is of something else.
    own = head if modality != "CT" and not steps.acquired_grid else None
    inputs = [(_encoding(modality, manifest), resampled, own)]
    for volume in further:
        beside, _ = _in_plane(view, _on_grid(volume, first), volume.modality, manifest)
        inputs.append((_encoding(volume.modality, manifest), beside, None))
    shown = [np.asarray(head.any(axis=others)) for others in ((0, 2), (0, 1))]
    if steps.acquired_grid:
        shown = [np.ones_like(line) for line in shown]
    rows, columns = (crop_around(line, steps.size_multiple, _MARGIN) for line in shown)
    return Prepared(
        view=view,
        encoders=tuple(one.encoder(picture, spacing, known) for one, picture, known in inputs),
        # Air without noise beside a picture with some would tell a network that restores it that there is little.
        outside=None if steps.acquired_grid else tuple(value for one, _, _ in inputs for value in one.outside),
        window=(rows, columns),
        mask=columns.cut(rows.cut(head, 1, False), 2, False),
        grid_mm=grid_mm,
        start=(start[0] + rows.start * grid_mm[0], start[1] + columns.start * grid_mm[1]),
        neighbours=steps.neighbours,
        channels_per_slice=manifest.channels_in // (2 * steps.neighbours + 1),
        open=modality == "CT" and steps.mask_couch and not steps.acquired_grid,
    )


def _grid_mm(view: CanonicalView, manifest: Manifest) -> tuple[float, float]:
    """Return the size of a row and of a column that the network works on."""
    steps = manifest.preprocessing
    return view.spacing[1:] if steps.acquired_grid else (steps.grid_spacing_mm, steps.grid_spacing_mm)


def _air(modality: str) -> float:
    return encoding.AIR_HU if modality == "CT" else 0.0


def _in_plane(
    view: CanonicalView, array: Voxels, modality: str, manifest: Manifest
) -> tuple[NDArray[np.float32], tuple[float, float]]:
    """Return what :func:`_resampled` does, without the couch where the model wants it away."""
    steps = manifest.preprocessing
    lowest = _LOWEST_HU if modality == "CT" else None
    grid_mm = _grid_mm(view, manifest)
    resampled, start = _resampled(view, array, grid_mm, _air(modality), lowest)
    if modality == "CT" and steps.mask_couch:
        head = encoding.without_couch(resampled, (view.spacing[0], *grid_mm))
        if head is not None:
            resampled[~head] = encoding.AIR_HU
    return resampled, start


def _encoding(modality: str, manifest: Manifest) -> encoding.Encoding:
    """Return how one input is encoded. Raises UnsuitableError for a modality that the model does not take."""
    name = manifest.preprocessing.encoding.get(modality)
    if name is None:
        raise UnsuitableError(f"This model cannot read {modality} images.")
    return encoding.named(name)


def _on_grid(volume: Volume, grid: Volume) -> NDArray[np.float32]:
    """Return a volume on another one's grid, plane by plane."""
    moved = np.empty(grid.shape, dtype=np.float32)
    # Stored types may have no room for the value of air.
    source = volume.with_array(volume.array.astype(np.float32))
    for index in range(len(moved)):
        moved[index] = extract(source, grid.plane(index), fill=_air(volume.modality))
    return moved


def slices_outside(volume: Volume, grid: Volume) -> int:
    """Return how many slices of a grid have their centre above, below or beside a volume."""
    slices, rows, columns = grid.shape
    centres = [volume.index(grid.point((k, (rows - 1) / 2, (columns - 1) / 2))) for k in range(slices)]
    reach = np.asarray(volume.shape) - 0.5
    return int(sum(((c < -0.5) | (c > reach)).any() for c in centres))


def _resampled(
    view: CanonicalView, array: Voxels, grid_mm: tuple[float, float], air: float, lowest: float | None
) -> tuple[NDArray[np.float32], tuple[float, float]]:
    """Return the canonical volume at the network's in-plane spacing, and where its first row and column lie (mm).

    The new grid has the same centre as the old one, so that an equal spacing changes nothing.
    """
    from scipy import sparse

    turned = view.turned(array)
    starts: list[float] = []
    matrices: list[NDArray[np.float32]] = []
    for axis, size in zip((1, 2), grid_mm, strict=True):
        count, spacing = view.shape[axis], view.spacing[axis]
        new_count = max(1, int(np.ceil(count * spacing / size - 1e-3)))
        start = (count - 1) * spacing / 2 - (new_count - 1) * size / 2
        starts.append(start)
        matrices.append(resampling_matrix(new_count, size, start, count, spacing))
    # Each new pixel takes a few old ones only: sparse products are several times faster than dense ones.
    rows, columns = (sparse.csr_array(matrix) for matrix in matrices)
    result = np.empty((view.shape[0], rows.shape[0], columns.shape[0]), dtype=np.float32)
    values = np.empty(turned.shape[1:], dtype=np.float32)
    for index, image in enumerate(turned):
        values[...] = image
        if lowest is not None:
            np.maximum(values, lowest, out=values)
        np.subtract(values, air, out=values)
        result[index] = (columns @ np.ascontiguousarray((rows @ values).T)).T + air
    return result, (starts[0], starts[1])


def _cropped(
    encoded: NDArray[np.float32], crops: Sequence[Crop], outside: Sequence[float] | None
) -> NDArray[np.float32]:
    """Return the window of encoded slices: a view where it lies inside, else with each channel's value around it.

    Without values the slices go on beyond their edges as in a mirror.
    """
    size = (crops[0].count, crops[1].count)
    inside = encoded[:, :, crops[0].within(encoded.shape[2]), crops[1].within(encoded.shape[3])]
    if inside.shape[2:] == size:
        return inside
    before = [max(-crop.start, 0) for crop in crops]
    if outside is None:
        widths = [(low, count - low - there) for low, count, there in zip(before, size, inside.shape[2:], strict=True)]
        return np.pad(inside, [(0, 0), (0, 0), *widths], mode="symmetric")
    cropped = np.empty((*encoded.shape[:2], *size), np.float32)
    cropped[:] = np.asarray(outside, np.float32)[:, None, None]
    rows, columns = before
    cropped[:, :, rows : rows + inside.shape[2], columns : columns + inside.shape[3]] = inside
    return cropped


def infer(
    context: JobContext, package: Package, prepared: Prepared, network: LoadedNetwork, write: SliceWriter
) -> None:
    """Run the network over all slices, nearest to the visible one first; return early when cancelled.

    Out of memory halves the batch; where a single slice does not fit, the rest runs on the CPU, and the user is told.
    """
    pending = set(range(prepared.view.shape[0]))
    largest = _BATCH[network.device]
    # The first slice alone: the reader waits for it.
    size = 1
    while pending and not context.cancelled:
        batch = _nearest(pending, context.visible, prepared.view, size)
        try:
            predictions = network(prepared.inputs(batch))
            for index, prediction in zip(batch, predictions, strict=True):
                write(prediction, prepared, index)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            largest, network = _with_less_memory(context, package, network, size)
            size = min(size, largest)
            continue
        for index in batch:
            context.slice_ready(prepared.view.slice_of(index))
        pending.difference_update(batch)
        size = largest


def _nearest(pending: set[int], visible: int | None, view: CanonicalView, size: int) -> list[int]:
    """Return the next slices: those nearest to the one the reader looks at, the middle where nobody looks."""
    centre = view.shape[0] // 2 if visible is None else view.slice_of(visible)
    return sorted(pending, key=lambda index: (abs(index - centre), index))[:size]


def _with_less_memory(
    context: JobContext, package: Package, network: LoadedNetwork, size: int
) -> tuple[int, LoadedNetwork]:
    """Return a smaller batch, or the network on the CPU where even one slice does not fit."""
    if size > 1:
        return size // 2, network
    return _BATCH["cpu"], _on_processor(context, package, network.device, network.degree)


def load_where_it_fits(
    context: JobContext, package: Package, device: str, degree: float | None = None
) -> LoadedNetwork:
    """Return the network on a device, or on the CPU where it cannot run there or memory is full; the user is told."""
    try:
        network = load(package, device, degree)
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        return _on_processor(context, package, device, degree)
    if network.device != device:
        context.notice("ONNX Runtime cannot use this graphics card, so the model runs on the processor.")
    return network


def _on_processor(context: JobContext, package: Package, device: str, degree: float | None) -> LoadedNetwork:
    """Return the network on the CPU after a device ran out of memory; JobError where that was the CPU."""
    if device == "cpu":
        raise JobError("This computer has too little free memory for the model; close other programs and run it again.")
    forget(device)
    context.notice("The graphics card has too little free memory; the model goes on on the processor, more slowly.")
    context.device = "cpu"
    return load(package, "cpu", degree)
