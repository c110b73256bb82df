"""MR of the head made worse, thick slices and noise, on the grid of the thin ones beside what it was made of."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from medgan_viewer import settings
from medgan_viewer.errors import UsageError
from medgan_viewer.lab.simulation.data import load_head_labels
from medgan_viewer.lab.simulation.mr_degradation import slab_weights
from medgan_viewer.lab.simulation.simulate import MR_CONTRASTS, SIMULATION, SimulationSettings, simulate_head
from medgan_viewer.lab.sources.base import Batch, Draw, Refusal, generators, need_split
from medgan_viewer.lab.sources.simulated_heads import HEADS, data_folder, patients_of
from medgan_viewer.lab.sources.volumes import SliceCache, axial, canonical
from medgan_viewer.models.encoding import mr_foreground, mr_reference
from medgan_viewer.models.refining import spline_matrix

Float = NDArray[np.float32]
SLICE_MM = (1.5, 3.2)
"""Distance of the thin slices that the simulated heads are cut into."""
_IXI = "ixi_t1_2mm"
_IXI_MM = 2.0
THIN_SHARE = 0.25
"""How often slices are not made thicker, so that noise is all that there is to take away."""
_THICKER = (1.3, 3.4)
"""How many times as thick as the thin ones."""
_NOISE = (0.004, 0.12)
"""σ of the Rician noise as a share of the brightest signal."""
_AS_IT_IS = 0.5
"""How often pixels stay the volumes' own. Interpolated ones hold no fine detail, and who sees nothing else takes all
that is fine for noise."""
_ZOOM = (1.0, 2.2)
"""How much finer pixels are otherwise, as real scans have them; in half of them the noise is as coarse."""
_REACH = 12
_INSIDE = 0.1
_MARGIN = 4
"""By how many pixels of a crop, at most, the head reaches over its edge where the air around it was set to zero."""
_PIXEL_MM = 1.5
"""About what a pixel measures, which decides how smooth the edge of a head is looked for."""
_VERSION = 1


@dataclass(frozen=True)
class _Head:
    """A head's pictures `[picture, slice, row, column]` in 1/1000 of their reference."""

    pictures: NDArray[np.int16]

    @cached_property
    def inside(self) -> NDArray[np.bool_]:
        """Which pixels show the head."""
        spacing = (_PIXEL_MM, _PIXEL_MM, _PIXEL_MM)
        return np.stack([mr_foreground(picture, spacing) for picture in self.pictures])


class ThickSlices:
    """`source`: neighbouring slices of a thin grid, interpolated (B-spline) from thick noisy ones; `target`: the middle
    one as it was. MR of 0…1.5 times its reference, crops of `crop`² pixels. With `neighbours` enough to reach over two
    thick slices a network can tell how thick they are and where in one the middle slice lies.

    T1, T2 and FLAIR of one simulated patient for each head of a split (no noise, thin slices, lesions), and in a share
    of the training samples, `real`, real T1 of the IXI patients with the role train. Slices are averaged to 1.3–3.4
    times their thickness in three quarters of the samples. Noise is Rician, its σ drawn evenly in its logarithm or,
    with `even_noise`, evenly: strong noise is rare with the one, little noise with the other. In a share of the
    samples, `empty_air`, what shows less than half head is 0, as some scanners and programs leave it: noise is to be
    told by the head alone. The heads are simulated once (15 s of one core each) and kept in `cache`.

    There is no test split, that is the exam's. Raises MissingPartError without data, UsageError for a number that
    makes no sense.
    """

    target_channels: int = 1
    classes: int = 0
    grid_mm: float = 0.0
    """The acquired grid."""
    refused: tuple[Refusal, ...] = ()

    def __init__(
        self,
        crop: int = 96,
        neighbours: int = 1,
        seed: int = 0,
        ixi: bool = True,
        real: float = 0.4,
        even_noise: bool = False,
        empty_air: float = 0.0,
        cache: str | Path | None = None,
        data: str | Path | None = None,
    ) -> None:
        if crop < 16:
            raise UsageError("Crops of thick slices must have at least 16 pixels.")
        if not 0 <= neighbours <= _REACH:
            raise UsageError(f"Thick slices have 0 to {_REACH} neighbours on each side.")
        for name, share in {"real": real, "empty_air": empty_air}.items():
            if not 0 <= share <= 1:
                raise UsageError(f"The share of samples `{name}` lies between 0 and 1.")
        self.size = (crop, crop)
        self.source_channels = 2 * neighbours + 1
        self._neighbours = neighbours
        self._data, self._seed = data_folder(data), seed
        self._ixi = self._ixi_files() if ixi else ()
        self._real, self._even_noise, self._empty_air = real, even_noise, empty_air
        heads = patients_of(HEADS)
        self.patients: Mapping[str, tuple[str, ...]] = {
            "train": (*heads["train"], *(path.name.split(".")[0] for path in self._ixi)),
            "validation": heads["validation"],
            "test": (),
        }
        kept = Path(cache) if cache else settings.cache_folder() / "slices"
        self._cache = SliceCache(kept, ["thick", _VERSION, SIMULATION, seed, SLICE_MM])
        self._heads: dict[str, list[_Head]] = {}
        self._simulated = {split: len(numbers) for split, numbers in HEADS.items()}

    def prepare(self, split: str) -> None:
        """Simulate and read what lacks of a split; does nothing where that was done."""
        if split in self._heads:
            return
        found = []
        for number in HEADS[split]:
            path = self._data / "head_labels" / f"head_{number:02d}.nii.gz"
            make = partial(_simulated, self._data, number, self._seed)
            found.append(_Head(self._cache.get([path] if path.exists() else [], f"head {number}", make)))
        if split == "train":
            found += [_Head(self._cache.get([path], "T1", partial(_real, path))) for path in self._ixi]
        self._heads[split] = found

    def batch(self, count: int, draw: Draw, split: str = "train") -> Batch:
        """Return `count` crops, each from its own seed."""
        need_split(self.patients, split)
        self.prepare(split)
        pairs = [self._sample(split, rng) for rng in generators(count, draw)]
        return {
            "source": torch.stack([pair[0] for pair in pairs]),
            "target": torch.stack([pair[1] for pair in pairs]),
        }

    def _ixi_files(self) -> tuple[Path, ...]:
        folder = self._data / _IXI
        index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        return tuple(folder / f"{name}.nii.gz" for name, entry in sorted(index.items()) if entry["role"] == "train")

    def _sample(self, split: str, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        heads, simulated = self._heads[split], self._simulated[split]
        real = len(heads) > simulated and rng.random() < self._real
        head = heads[int(rng.integers(simulated, len(heads)) if real else rng.integers(simulated))]
        number = int(rng.integers(len(head.pictures)))
        picture = head.pictures[number]
        middle = int(rng.integers(len(picture)))
        low = max(0, middle - _REACH)
        stack = picture[low : middle + _REACH + 1]
        zoom = 1.0 if rng.random() < _AS_IT_IS else float(rng.uniform(*_ZOOM))
        window = _window(picture[middle], int(np.ceil(self.size[0] / zoom)), rng)
        thin = torch.from_numpy(stack[:, *window].astype(np.float32) / 1000) * float(rng.uniform(0.88, 1.14))
        slabs, spread = degradation(len(stack), middle - low, rng, self._neighbours)
        sigma = float(rng.uniform(*_NOISE) if self._even_noise else np.exp(rng.uniform(*np.log(_NOISE))))
        numbers = torch.Generator().manual_seed(int(rng.integers(2**62)))
        coarse = rng.random() < 0.5
        thick = torch.einsum("sn,nhw->shw", slabs, thin)
        if coarse:
            thick = _rician(thick, sigma, numbers)
        thick, target = (self._zoomed(some) for some in (thick, thin[middle - low][None]))
        if not coarse:
            thick = _rician(thick, sigma, numbers)
        if self._empty_air and rng.random() < self._empty_air:
            inside = torch.from_numpy(head.inside[number][low : middle + _REACH + 1, *window].astype(np.float32))
            margin = int(rng.integers(_MARGIN + 1))
            thick = thick * self._reached(torch.einsum("sn,nhw->shw", slabs, inside), margin)
            target = target * self._reached(inside[middle - low][None], margin)
        source = torch.einsum("ts,shw->thw", spread, thick)
        both = torch.cat([source, target]).clamp(0, 1.5)
        both = torch.rot90(both, int(rng.integers(4)), (1, 2))
        if rng.random() < 0.5:
            both = both.flip(2)
        source, target = both[:-1], both[-1:]
        if rng.random() < 0.5:
            source = source.flip(0)
        return source.contiguous(), target.contiguous()

    def _reached(self, inside: Tensor, margin: int) -> Tensor:
        """Return where slices show the head, as large as a sample and with a margin in pixels, as 0 and 1."""
        wide = functional.max_pool2d(self._zoomed(inside)[None], 2 * margin + 1, stride=1, padding=margin)[0]
        return (wide > 0.5).float()

    def _zoomed(self, pictures: Tensor) -> Tensor:
        if pictures.shape[-2:] == self.size:
            return pictures
        return functional.interpolate(pictures[None], self.size, mode="bicubic", align_corners=False)[0]


def degradation(count: int, middle: int, rng: np.random.Generator, neighbours: int = 1) -> tuple[Tensor, Tensor]:
    """Return how `count` thin slices become slabs `[slab, slice]`, and how these are interpolated `[place, slab]`.

    The places are the slices `middle` − `neighbours` to `middle` + `neighbours` of the thin grid.
    """
    places = np.arange(middle - neighbours, middle + neighbours + 1, dtype=np.float64)
    thickness = 1.0
    if rng.random() >= THIN_SHARE and count > 2 * _THICKER[1]:
        thickness = float(rng.uniform(*_THICKER))
    start = float(rng.uniform(0, thickness)) if thickness > 1 else 0.0
    slabs = slab_weights(count, 1.0, thickness, thickness, start)
    # The middle of slab s lies at start + (s + ½)·thickness − ½ in thin slices.
    spread = spline_matrix(len(slabs), (places + 0.5 - start) / thickness - 0.5)
    return slabs, torch.from_numpy(spread)


def _simulated(data: Path, number: int, seed: int) -> NDArray[np.int16]:
    """Return the clean T1, T2 and FLAIR of a simulated patient, `[3, slice, row, column]`."""
    labels, spacing = load_head_labels(data, number)
    rng = np.random.default_rng([seed, number])
    head = simulate_head(labels, spacing, rng, SimulationSettings(slice_mm=SLICE_MM, acquire=False))
    pictures = np.stack([getattr(head, name.lower()) for name in MR_CONTRASTS])
    references = [mr_reference(picture, head.spacing) for picture in pictures]
    return _stored(pictures / np.array(references)[:, None, None, None])


def _real(path: Path) -> NDArray[np.int16]:
    """Return the T1 of a volume, `[1, slice, row, column]`."""
    from medgan_viewer.dicom import nifti

    values, spacing = canonical(axial(replace(nifti.read(path), modality="MR")), _IXI_MM)
    return _stored(values[None] / mr_reference(values, spacing))


def _stored(pictures: NDArray[np.floating]) -> NDArray[np.int16]:
    return np.clip(np.round(pictures * 1000), 0, 32767).astype(np.int16)


def _window(picture: NDArray[np.int16], size: int, rng: np.random.Generator) -> tuple[slice, slice]:
    """Return a window of `size`² pixels, most of the time about a pixel of the head."""
    size = min(size, *picture.shape)
    for _ in range(20):
        centre = rng.integers(0, picture.shape)
        if picture[tuple(centre)] > 1000 * _INSIDE:
            break
    row, column = (
        int(np.clip(at - size // 2, 0, length - size)) for at, length in zip(centre, picture.shape, strict=True)
    )
    return slice(row, row + size), slice(column, column + size)


def _rician(pictures: Tensor, sigma: float, numbers: torch.Generator) -> Tensor:
    real, imaginary = (sigma * torch.randn(pictures.shape, generator=numbers) for _ in range(2))
    return torch.hypot(pictures + real, imaginary)
