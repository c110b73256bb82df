"""Between a series' voxels and a network's channels: the one owner of every encoding, for training and for use.

Volumes are `[slice, row, column]` in canonical axial orientation (slices towards the top of the head, rows towards the
back, columns towards the left); CT in HU, MR in any unit. Encoded volumes are `[slice, channel, row, column]` float32.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.models import morphology

Volume = NDArray[np.float32]
Spacing = Sequence[float]
Mask = NDArray[np.bool_]

AIR_HU = -1000.0
BRAIN_WINDOW_HU = (-15.0, 85.0)
COMPANDING_HU = np.array([-1024.0, -20.0, 100.0, 1600.0])
COMPANDING_VALUE = np.array([-1.0, -0.35, 0.45, 1.0])


Slices = slice | NDArray[np.intp]
Encoder = Callable[[Slices], Volume]
"""Gives the channels `[slice, channel, row, column]` of some slices of one volume."""


@dataclass(frozen=True)
class Encoding:
    """One way to turn a volume into channels; `outside` is the value each channel has in air.

    `encoder` takes a volume, its spacing (mm) and, of an MR whose `mr_foreground` is known, that; it works out what all
    of the volume is needed for, and returns what encodes its slices.
    """

    channels: int
    outside: tuple[float, ...]
    encoder: Callable[[NDArray[Any], Spacing, Mask | None], Encoder]


def _ct_two_window(ct: NDArray[Any], spacing: Spacing, head: Mask | None) -> Encoder:
    """Two channels per slice: HU/1000 within −1…3, and the brain window −15…85 HU as −1…1."""
    del spacing, head
    low, high = BRAIN_WINDOW_HU

    def encode_slices(chosen: Slices) -> Volume:
        hounsfield = np.asarray(ct[chosen], dtype=np.float32)
        encoded = np.empty((len(hounsfield), 2, *hounsfield.shape[1:]), np.float32)
        # Slice by slice: steps over whole volumes want new memory each, which takes longer than the arithmetic.
        for image, (wide, brain) in zip(hounsfield, encoded, strict=True):
            np.clip(image / 1000, -1, 3, out=wide)
            np.clip((image - low) / (high - low) * 2 - 1, -1, 1, out=brain)
        return encoded

    return encode_slices


def _mr_head(mr: NDArray[Any], spacing: Spacing, head: Mask | None) -> Encoder:
    """One channel per slice: the signal divided by its 99.5th percentile inside the head, within 0…1.5."""
    reference = mr_reference(mr, spacing, head)
    return lambda chosen: scaled_mr_channels(np.asarray(mr[chosen], dtype=np.float32) / reference)


def scaled_mr_channels(scaled: NDArray[Any]) -> Volume:
    """Return the channel of "mr_head" for an MR that was already divided by its reference."""
    return np.clip(np.asarray(scaled, dtype=np.float32), 0, 1.5)[:, None]


def _mr_zscore(mr: NDArray[Any], spacing: Spacing, head: Mask | None) -> Encoder:
    """One channel per slice: the signal's z-score inside the head (mean 0, deviation 1), 0 outside."""
    signal = np.asarray(mr, dtype=np.float32)
    inside_head = mr_foreground(signal, spacing) if head is None else head
    inside = signal[inside_head]
    deviation, mean = (float(inside.std()), inside.mean()) if inside.size else (0.0, 0.0)

    def encode_slices(chosen: Slices) -> Volume:
        if deviation == 0:
            return np.zeros_like(signal[chosen])[:, None]
        scores: Volume = np.where(inside_head[chosen], (signal[chosen] - mean) / deviation, 0).astype(np.float32)[
            :, None
        ]
        return scores

    return encode_slices


def _slice_percentiles(volume: NDArray[Any], spacing: Spacing, head: Mask | None) -> Encoder:
    """One channel per slice: its values from its 0.5th to its 99.5th percentile as 0…1; 0 of a flat slice.

    Values under air (−1024), with which scanners pad CT, count as that.
    """
    del spacing, head

    def encode_slices(chosen: Slices) -> Volume:
        images = np.asarray(volume[chosen], np.float32)
        values = np.maximum(np.nan_to_num(images, posinf=0, neginf=0), np.float32(-1024))
        low, high = (end[:, None, None] for end in np.percentile(values, (0.5, 99.5), axis=(1, 2)))
        scaled: Volume = np.clip((values - low) / np.where(high > low, high - low, np.inf), 0, 1).astype(np.float32)
        return scaled[:, None]

    return encode_slices


ENCODINGS: dict[str, Encoding] = {
    "ct_two_window": Encoding(2, (-1.0, -1.0), _ct_two_window),
    "mr_head": Encoding(1, (0.0,), _mr_head),
    "mr_zscore": Encoding(1, (0.0,), _mr_zscore),
    "slice_percentiles": Encoding(1, (0.0,), _slice_percentiles),
}
_RANGE = re.compile(r"(ct|mr)_range\(([^()]*)\)")


def _range(name: str) -> tuple[float, float, float, float]:
    """Return the range of HU, or of an MR's units, and the range of network values it stands for.

    Raises KeyError for anything but "ct_range(a_min, a_max, b_min, b_max)" and "mr_range(b_min, b_max)".
    """
    parts = _RANGE.fullmatch(name)
    try:
        numbers = [float(number) for number in parts[2].split(",")] if parts else []
    except ValueError:
        numbers = []
    if parts and parts[1] == "mr":
        numbers = [0.0, 1.0, *numbers]
    if len(numbers) != 4 or not np.isfinite(numbers).all() or numbers[0] >= numbers[1] or numbers[2] == numbers[3]:
        raise KeyError(name)
    return numbers[0], numbers[1], numbers[2], numbers[3]


def value_range(name: str) -> tuple[float, float] | None:
    """Return the range of network values that the name of an encoding or decoding states, None where it states none."""
    try:
        _, _, low, high = _range(name)
    except KeyError:
        return None
    return low, high


def named(name: str) -> Encoding:
    """Return the encoding of a name; KeyError for an unknown one.

    Beside those of `ENCODINGS`, for networks that were trained elsewhere: "ct_range(a_min, a_max, b_min, b_max)", HU
    within a_min…a_max as b_min…b_max; and "mr_range(b_min, b_max)", an MR's signal from 0 to its 99.5th percentile
    inside the head as b_min…b_max. What lies beyond is clipped.
    """
    if name in ENCODINGS:
        return ENCODINGS[name]
    ends = _range(name)

    def encoder(volume: NDArray[Any], spacing: Spacing, head: Mask | None) -> Encoder:
        values = np.asarray(volume, dtype=np.float32)
        reference = mr_reference(values, spacing, head) if name.startswith("mr") else 1.0
        return lambda chosen: _mapped(values[chosen] / reference, ends)[:, None]

    air = AIR_HU if name.startswith("ct") else 0.0
    return Encoding(1, (float(_mapped(np.float32(air), ends)),), encoder)


def _mapped(values: Any, ends: tuple[float, float, float, float]) -> Volume:
    """Return values with a_min…a_max as b_min…b_max, clipped."""
    a_min, a_max, b_min, b_max = ends
    mapped: Volume = (np.clip((values - a_min) / (a_max - a_min), 0, 1) * (b_max - b_min) + b_min).astype(np.float32)
    return mapped


def encode(name: str, volume: NDArray[Any], spacing: Spacing) -> Volume:
    """Encode `volume` with the encoding `name`; `spacing` in mm. Raises KeyError for an unknown name."""
    return named(name).encoder(volume, spacing, None)(slice(None))


def stack_neighbours(encoded: Volume, index: int, neighbours: int, channels_per_slice: int) -> Volume:
    """Return the network's input for slice `index`: `[(2·neighbours + 1)·channels_per_slice, row, column]`.

    Slices run from below to above; past the ends the nearest one is repeated. Zero channels fill each slice up to
    `channels_per_slice`.
    """
    return stacked(encoded[with_neighbours(index, neighbours, len(encoded))], channels_per_slice)


def with_neighbours(index: int, neighbours: int, count: int) -> NDArray[np.intp]:
    """Return the numbers `[2·neighbours + 1]` of the slices that a network sees for slice `index` of `count`.

    From below to above; past the ends the nearest one is repeated.
    """
    return np.clip(np.arange(index - neighbours, index + neighbours + 1, dtype=np.intp), 0, count - 1)


def stacked(chosen: Volume, channels_per_slice: int) -> Volume:
    """Return `[slice·channels_per_slice, row, column]` of `chosen` `[slice, channel, row, column]`.

    Zero channels fill each slice up to `channels_per_slice`.
    """
    missing = channels_per_slice - chosen.shape[1]
    if missing:
        chosen = np.pad(chosen, ((0, 0), (0, missing), (0, 0), (0, 0)))
    channels: Volume = chosen.reshape(-1, *chosen.shape[2:])
    return channels


def mr_reference(mr: NDArray[Any], spacing: Spacing, head: Mask | None = None) -> float:
    """Return the 99.5th percentile of the signal inside the head; 1 for an empty volume.

    `head` is what `mr_foreground` says of it, where that is known already.
    """
    inside = np.asarray(mr)[mr_foreground(mr, spacing) if head is None else head]
    return float(np.percentile(inside, 99.5)) if inside.size and inside.max() > 0 else 1.0


def mr_foreground(mr: NDArray[Any], spacing: Spacing) -> NDArray[np.bool_]:
    """Return where the head is in an MR: smoothed signal over a tenth of its 99th percentile, largest part, filled."""
    from scipy import ndimage

    smooth = ndimage.gaussian_filter(np.asarray(mr, dtype=np.float32), [0.0, 2.0 / spacing[1], 2.0 / spacing[2]])
    return _solid(smooth > 0.1 * np.percentile(smooth, 99))


def mask_couch(ct: NDArray[Any], spacing: Spacing) -> NDArray[Any]:
    """Return the CT with everything but the head set to air: couch, head rest, tubes.

    The head is the largest solid part after connections of up to about 5 mm were opened; it takes back what is attached
    to it within 8 mm (ears, nose) and 2 mm of its surroundings. Worked out on pixels of about 1.2 mm. A volume without
    any solid part is returned as it is.
    """
    head = without_couch(ct, spacing)
    return ct if head is None else np.where(head, ct, np.asarray(AIR_HU, dtype=ct.dtype))


def without_couch(ct: NDArray[Any], spacing: Spacing) -> NDArray[np.bool_] | None:
    """Return where `mask_couch` leaves a CT `[slice, row, column]` as it is; None where there is no solid part."""
    step = max(1, round(1.2 / min(spacing[1:])))
    coarse = (spacing[0], spacing[1] * step, spacing[2] * step)
    solid = np.asarray(ct)[:, ::step, ::step] > _solid_threshold(ct)
    opened = morphology.opened(solid, _disc(2.6, coarse))
    if not opened.any():
        return None
    attached = morphology.spread(_solid(opened), solid, round(8.0 / coarse[1]))
    head = morphology.dilated(attached, _disc(2.0, coarse))
    return head if step == 1 else head.repeat(step, axis=1).repeat(step, axis=2)[:, : ct.shape[1], : ct.shape[2]]


def ct_foreground(ct: NDArray[Any], spacing: Spacing) -> NDArray[np.bool_]:
    """Return where the head is in a CT, air inside it included."""
    return _solid(np.asarray(mask_couch(ct, spacing)) > _solid_threshold(ct))


def _solid_threshold(ct: NDArray[Any]) -> float:
    """Return −350 HU, or just over the lowest value where a display window had clipped the air."""
    lowest = float(np.min(ct)) if ct.size else AIR_HU
    return -350.0 if lowest < -500 else lowest + 50.0


def _disc(radius_mm: float, spacing: Spacing) -> NDArray[np.bool_]:
    """Return a disc as a structure of one slice, `[1, row, column]`."""
    rows, columns = (int(np.ceil(radius_mm / s)) for s in spacing[1:])
    y, x = np.mgrid[-rows : rows + 1, -columns : columns + 1]
    inside: NDArray[np.bool_] = np.hypot(y * spacing[1], x * spacing[2])[None] <= radius_mm
    return inside


def _solid(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the largest connected part of `mask`, holes filled slice by slice."""
    from scipy import ndimage

    parts, count = ndimage.label(mask)
    if count > 1:
        mask = parts == np.bincount(parts[mask]).argmax()
    return fill_holes(mask)


def fill_holes(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return `mask` with what it encloses in each slice.

    As `scipy.ndimage.binary_fill_holes` slice by slice (4 neighbours), by one labelling of all slices: a tenth of the
    time.
    """
    from scipy import ndimage

    if not mask.any():
        return mask
    # Around the box that holds the mask all is outside it.
    rows, columns = (np.flatnonzero(mask.any(axis=others)) for others in ((0, 2), (0, 1)))
    box = slice(None), slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    in_plane = ndimage.generate_binary_structure(2, 1)[None]
    in_plane = np.concatenate([np.zeros_like(in_plane), in_plane, np.zeros_like(in_plane)])
    parts, count = ndimage.label(~mask[box], structure=in_plane)
    open_parts = np.zeros(count + 1, dtype=bool)
    for edge in (parts[:, 0], parts[:, -1], parts[:, :, 0], parts[:, :, -1]):
        open_parts[edge.ravel()] = True
    # Part 0 is the mask itself.
    open_parts[0] = False
    filled = np.zeros_like(mask)
    filled[box] = ~open_parts[parts]
    return filled


def compand_ct(hounsfield: NDArray[Any]) -> Volume:
    """Return HU as a network's target in −1…1: piecewise linear, most of the range for soft tissue, 1600 HU at most."""
    values: Volume = np.interp(hounsfield, COMPANDING_HU, COMPANDING_VALUE).astype(np.float32)
    return values


def expand_ct(values: NDArray[Any]) -> Volume:
    """Return HU from companded values: the inverse of `compand_ct` within −1024…1600 HU."""
    hounsfield: Volume = np.interp(values, COMPANDING_VALUE, COMPANDING_HU).astype(np.float32)
    return hounsfield


@dataclass(frozen=True)
class Stored:
    """What a decoding stores: the value of one decoded unit, and of what lies outside the head."""

    per_unit: float
    background: float
    hounsfield: bool


def stored(decoding: str) -> Stored:
    """Return what a decoding stores; KeyError for one that gives no picture."""
    if decoding not in {"mr_unit", "ct_companded"}:
        _range(decoding)
    return Stored(1.0, AIR_HU, True) if decoding.startswith("ct") else Stored(1000.0, 0.0, False)


def decode(name: str, values: NDArray[Any]) -> NDArray[np.int16]:
    """Turn one output channel into stored values: "mr_unit" → round(1000·x) of 0…1.5, "ct_companded" → HU.

    "ct_range(a_min, a_max, b_min, b_max)" → HU and "mr_range(b_min, b_max)" → 0…1000 undo the encodings of that name.
    Raises KeyError for a decoding that gives no picture ("labels" and "probability" belong to their tasks).
    """
    if name == "mr_unit":
        scaled = np.clip(values, 0, 1.5) * 1000
    elif name == "ct_companded":
        scaled = expand_ct(values)
    else:
        a_min, a_max, b_min, b_max = _range(name)
        scaled = _mapped(values, (min(b_min, b_max), max(b_min, b_max), *_ordered(a_min, a_max, b_min, b_max)))
        scaled = np.clip(scaled * stored(name).per_unit, -32768, 32767)
    rounded: NDArray[np.int16] = np.round(scaled).astype(np.int16)
    return rounded


def _ordered(a_min: float, a_max: float, b_min: float, b_max: float) -> tuple[float, float]:
    """Return a range's ends in the order that belongs to ascending network values."""
    return (a_min, a_max) if b_min < b_max else (a_max, a_min)
