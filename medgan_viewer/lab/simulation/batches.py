"""Random batches out of a cache of simulated series, encoded exactly as for inference."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.lab.simulation.data import PICTURES
from medgan_viewer.models.encoding import compand_ct, encode, scaled_mr_channels, stack_neighbours

REPEATED_SLICE_SHARE = 0.2
"""How often the neighbours are the slice itself, as at the ends of a series and in very thick ones."""


@dataclass(frozen=True)
class Sampling:
    """What a sample of a cached series holds: one of `inputs`, all `pictures` as targets, `crop`² pixels (0: all)."""

    inputs: tuple[str, ...]
    pictures: tuple[str, ...]
    crop: int
    neighbours: int
    channels_per_slice: int


def encode_cached(picture: NDArray[Any], name: str) -> NDArray[np.float32]:
    """Encode cached input slices `[slice, row, column]` of modality or contrast `name`; adds a channel axis."""
    if name == "CT":
        return encode("ct_two_window", picture, (1.0, 1.0, 1.0))
    return scaled_mr_channels(picture / 1000)


def target_values(picture: NDArray[np.int16], name: str) -> NDArray[np.float32]:
    """Return what a network shall give for a cached target: companded CT numbers, MR in units of its protocol."""
    if name == "CT":
        return compand_ct(picture)
    values: NDArray[np.float32] = (picture / 1000).astype(np.float32)
    return values


def sample_series(
    pictures: NDArray[np.int16], labels: NDArray[np.uint8], sampling: Sampling, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.uint8]]:
    """Return source, target and labels, each `[channel, H, W]`, of a random slice of a cached series.

    Slice, input, crop and left-right flip are random; in every fifth sample the slice takes its neighbours' places.
    """
    index = int(rng.integers(len(pictures)))
    name = sampling.inputs[int(rng.integers(len(sampling.inputs)))]
    crop = min(sampling.crop or pictures.shape[-1], pictures.shape[-1])
    # The mean of two draws: the head lies in the middle, the corners hold air.
    top, left = (int(rng.integers(0, pictures.shape[-1] - crop + 1, 2).mean()) for _ in range(2))
    window = (slice(top, top + crop), slice(left, left + crop))
    reach = sampling.neighbours if rng.random() >= REPEATED_SLICE_SHARE else 0
    low = max(0, index - reach)
    near: NDArray[Any] = pictures[low : index + reach + 1, PICTURES.index(f"input {name}"), *window]
    if name != "CT":  # the reference of a real series strays
        near = near * np.float32(rng.uniform(0.88, 1.14))
    encoded = encode_cached(near, name)
    source = stack_neighbours(encoded, index - low, sampling.neighbours, sampling.channels_per_slice)
    values = [target_values(pictures[index, PICTURES.index(t), *window], t) for t in sampling.pictures]
    target = np.stack(values) if values else np.zeros((0, crop, crop), np.float32)
    step = -1 if rng.random() < 0.5 else 1
    kept = labels[index, :, *window]
    return tuple(np.ascontiguousarray(array[..., ::step]) for array in (source, target, kept))  # type: ignore[return-value]
