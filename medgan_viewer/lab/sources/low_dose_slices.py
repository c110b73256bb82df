"""Body CT beside the same slices with the noise of few photons, in HU on the grid on which they were acquired."""

import zlib
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from medgan_viewer import settings
from medgan_viewer.errors import ReadError, UsageError
from medgan_viewer.lab.simulation import low_dose_ct
from medgan_viewer.lab.simulation.numbers import Numbers
from medgan_viewer.lab.sources.base import Batch, Draw, Refusal, check_refusals, generators, need_split
from medgan_viewer.lab.sources.simulated_heads import data_folder
from medgan_viewer.lab.sources.splits import body_patients
from medgan_viewer.lab.sources.volumes import SliceCache
from medgan_viewer.models.encoding import encode

DATA = "ct_slices_hu"
ENCODING = "ct_range(-1024, 3071, -1.024, 3.071)"
"""Thousands of HU, as many as 12 bits hold."""
LOWEST_HU, HIGHEST_HU = -1024, 3071
_VALIDATE = 2
_BODY_HU = -500
SMOOTHED_SHARE, WEAKER_SHARE, COARSER_SHARE = 0.5, 0.7, 0.25
"""How often the noise is that of a softer kernel, is weaker than was simulated, and pixels are twice as large."""
_SMOOTHING = (0.4, 1.4)
_WEAKENING = (0.04, 1.0)
_VERSION = 1

Slices = list[tuple[NDArray[np.int16], NDArray[np.int16]]]


class LowDoseSlices:
    """`source`: crops of `crop`² pixels with the noise of few photons; `target`: the same without; thousands of HU.

    Of `ct_slices_hu` the patients whom the exam "ct-low-dose" keeps out are left out, the last two of the others
    validate; there is no test split, that is the exam's. Every slice is scanned `scans` times with few photons
    (`low_dose_ct`, 360 views, I0 log-uniform 5e3–2e5); that is simulated once and kept in `cache` (two minutes of one
    core for all slices). A sample is a scan turned and mirrored by chance, whose noise is mostly weakened by up to 25
    times and, in half of them, smoothed as a softer kernel does and brought back to its strength; a quarter has pixels
    of twice the size. What comes out is clipped as 12 bits clip it.

    Raises MissingPartError without data, UsageError for a number that makes no sense.
    """

    source_channels: int = 1
    target_channels: int = 1
    classes: int = 0
    grid_mm: float = 0.0
    """The acquired grid."""

    def __init__(
        self,
        crop: int = 96,
        scans: int = 12,
        seed: int = 0,
        cache: str | Path | None = None,
        data: str | Path | None = None,
    ) -> None:
        if crop < 8 or scans < 1:
            raise UsageError("Low-dose slices need crops of at least 8 pixels and at least one scan of each slice.")
        self.size = (crop, crop)
        folder = data_folder(data) / DATA
        paths = sorted(folder.glob("*.npz"))
        self.patients: Mapping[str, tuple[str, ...]] = {**body_patients(paths, _VALIDATE), "test": ()}
        self._paths, self._scans, self._seed = paths, scans, seed
        self._cache = SliceCache(Path(cache) if cache else settings.cache_folder() / "slices", [DATA, _VERSION, seed])
        self._slices: dict[str, Slices] = {}
        refused = []
        for path in paths:
            try:
                read_slice(path)
            except ReadError as error:
                refused.append(Refusal(path.name, error.sentence))
        check_refusals(refused, len(paths))
        self.refused: tuple[Refusal, ...] = tuple(refused)

    def prepare(self, split: str) -> None:
        """Simulate what lacks of a split; does nothing where that was done."""
        if split in self._slices:
            return
        bad = {refusal.path for refusal in self.refused}
        found = []
        for path in self._paths:
            if path.name in bad or path.name.split("_")[0] not in self.patients.get(split, ()):
                continue
            clean, _ = read_slice(path)
            noise = self._cache.get([path], f"noise {self._scans}", partial(_noise, path, self._scans, self._seed))
            found.append((clean, noise))
        self._slices[split] = found

    def batch(self, count: int, draw: Draw, split: str = "train") -> Batch:
        """Return `count` crops, each from its own seed."""
        need_split(self.patients, split)
        self.prepare(split)
        pairs = [self._sample(self._slices[split], rng) for rng in generators(count, draw)]
        clean = torch.stack([pair[0] for pair in pairs])
        noisy = torch.stack([pair[1] for pair in pairs])
        return {"source": _thousands(noisy), "target": _thousands(clean)}

    def _sample(self, slices: Slices, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Return a crop without and with noise, `[1, row, column]` in HU."""
        clean, scans = slices[int(rng.integers(len(slices)))]
        noise = scans[int(rng.integers(len(scans)))]
        step = 2 if rng.random() < COARSER_SHARE else 1
        window = _window(clean, self.size[0] * step, rng)
        both = torch.from_numpy(np.stack([clean[window], noise[window]]).astype(np.float32))
        if rng.random() < SMOOTHED_SHARE:
            both[1] = _smoothed(both[1], float(rng.uniform(*_SMOOTHING)))
        if rng.random() < WEAKER_SHARE:
            low, high = np.log(_WEAKENING)
            both[1] *= float(np.exp(rng.uniform(low, high)))
        both = functional.avg_pool2d(both[None], step)[0]
        both = torch.rot90(both, int(rng.integers(4)), (1, 2))
        if rng.random() < 0.5:
            both = both.flip(2)
        return both[:1], both.sum(dim=0, keepdim=True)


def read_slice(path: Path) -> tuple[NDArray[np.int16], float]:
    """Return a square slice in HU as 12 bits hold it, and its pixel size in mm. Raises ReadError."""
    try:
        with np.load(path) as stored:
            hounsfield, spacing = stored["hu"], stored["spacing"]
    except (OSError, ValueError, KeyError) as error:
        raise ReadError(path, "it is no slice with its spacing; copy it again") from error
    if hounsfield.ndim != 2 or hounsfield.shape[0] != hounsfield.shape[1]:
        raise ReadError(path, "it is not square; leave it out")
    clipped: NDArray[np.int16] = np.clip(hounsfield, LOWEST_HU, HIGHEST_HU).astype(np.int16)
    return clipped, float(spacing[0])


def _noise(path: Path, scans: int, seed: int) -> NDArray[np.int16]:
    """Return what `scans` scans with few photons add to a slice, `[scan, row, column]` in HU."""
    clean, pixel_mm = read_slice(path)
    numbers = Numbers([zlib.crc32(path.name.encode()) + (seed << 32) + scan * 2**40 for scan in range(scans)])
    photons = low_dose_ct.random_photons(numbers)
    picture = torch.from_numpy(clean.astype(np.float32))[None, None]
    noisy = low_dose_ct.low_dose(picture, pixel_mm, photons, numbers)
    added: NDArray[np.int16] = np.clip((noisy - picture)[:, 0].round().numpy(), -32768, 32767).astype(np.int16)
    return added


def _window(clean: NDArray[np.int16], size: int, rng: np.random.Generator) -> tuple[slice, slice]:
    """Return a window of `size`² pixels about a pixel of the body; air teaches little."""
    size = min(size, *clean.shape)
    for _ in range(20):
        centre = rng.integers(0, clean.shape)
        if clean[tuple(centre)] > _BODY_HU:
            break
    row, column = (
        int(np.clip(at - size // 2, 0, length - size)) for at, length in zip(centre, clean.shape, strict=True)
    )
    return slice(row, row + size), slice(column, column + size)


def _smoothed(noise: Tensor, sigma: float) -> Tensor:
    """Return noise of the same strength that a softer kernel would have: with a Gaussian of `sigma` pixels."""
    reach = int(3 * sigma + 1)
    line = torch.arange(-reach, reach + 1).float()
    kernel = torch.exp(-0.5 * (line / sigma) ** 2)
    kernel = kernel / kernel.sum()
    padded = functional.pad(noise[None, None], (reach,) * 4, mode="reflect")
    smooth = functional.conv2d(functional.conv2d(padded, kernel[None, None, :, None]), kernel[None, None, None])[0, 0]
    return smooth * (noise.std() / smooth.std().clamp_min(1e-3))


def _thousands(hounsfield: Tensor) -> Tensor:
    """Return HU as the network's encoding gives them."""
    return torch.from_numpy(encode(ENCODING, hounsfield.numpy(), (1.0, 1.0, 1.0))[:, 0])
