"""Slices of three kinds of brain tumour in T1 with contrast medium, to classify or to imitate (`tumour_types`).

Patient ids are lost. Slices lie in the order in which patients were (neighbours are alike), so contiguous blocks of
each class stand for splits, with slices left out between them, and `share` takes the first of the training block: fewer
patients rather than fewer slices of each.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from medgan_viewer.errors import MissingPartError, UsageError
from medgan_viewer.lab.recognition import augmentation
from medgan_viewer.lab.simulation.numbers import Numbers
from medgan_viewer.lab.sources.base import Batch, Draw, Refusal, generators, need_split
from medgan_viewer.lab.sources.simulated_heads import data_folder
from medgan_viewer.lab.sources.splits import BLOCKS, block
from medgan_viewer.models.encoding import encode

__all__ = ["CLASSES", "TumourSlices", "stored_slices"]

CLASSES = ("pituitary tumour", "meningioma", "glioma")
_FILE = ("tumour_types", "t1post_128.npz")
_SPLIT_SEED = 7_000


def stored_slices(data: Path, split: str, share: float = 1.0) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the pictures `[n, 128, 128]` of a split between their percentiles as 0…1, and their classes `[n]`.

    `share` of each class's block, from its beginning. Raises MissingPartError where the data are absent.
    """
    path = data.joinpath(*_FILE)
    if not path.is_file():
        raise MissingPartError("The slices of tumour_types are absent; set MEDGAN_DATA to the folder of the data.")
    with np.load(path) as stored:
        images, classes = stored["image"], stored["label"].astype(np.int64)
    chosen = []
    for label in range(len(CLASSES)):
        places = np.flatnonzero(classes == label)
        whole = places[block(split, len(places))]
        chosen.append(whole[: max(1, round(share * len(whole)))])
    order = np.concatenate(chosen)
    pictures = np.stack([encode("slice_percentiles", image[None], ())[0, 0] for image in images[order]])
    return pictures.astype(np.float32), classes[order]


class TumourSlices:
    """`label` `[n]` and pictures `[n, 1, size, size]` of 0…1: `source` to classify, or `image` to `imitate`.

    Classes are drawn with equal chances. Pictures to classify are turned, shaded and made noisy anew, those to imitate
    only mirrored. With `synthetic`, the folder of a run of the method `generation` on these classes, `synthetic_share`
    of the training pictures come out of its generator (1: all of them); `synthetic_count` are made once.

    Raises MissingPartError without data, UsageError for a run that imitates something else.
    """

    grid_mm: float = 0.0  # pictures are scaled to their own size
    refused: tuple[Refusal, ...] = ()

    def __init__(
        self,
        pixels: int = 96,
        imitate: bool = False,
        share: float = 1.0,
        synthetic: str = "",
        synthetic_share: float = 0.5,
        synthetic_count: int = 1500,
        data: str | Path | None = None,
    ) -> None:
        if not 0 < share <= 1 or not 0 <= synthetic_share <= 1:
            raise UsageError("share must be above 0 and synthetic_share at least 0, both at most 1.")
        self._data, self._imitate, self._share = data_folder(data), imitate, share
        self._synthetic, self._synthetic_share = synthetic, synthetic_share if synthetic else 0.0
        self._count = synthetic_count
        self.size = (pixels, pixels)
        self.classes = len(CLASSES)
        self.source_channels, self.target_channels = (0, 1) if imitate else (1, 0)
        self.patients: Mapping[str, tuple[str, ...]] = {split: (f"block for {split}",) for split in BLOCKS}
        self._pools: dict[str, tuple[Tensor, Tensor]] = {}

    def prepare(self, split: str) -> None:
        """Read a split's pictures; let the generator make its own."""
        if split not in self._pools:
            self._pools[split] = self.pool(split)
        if split == "train" and self._synthetic and "synthetic" not in self._pools:
            self._pools["synthetic"] = self._made()

    def pool(self, split: str) -> tuple[Tensor, Tensor]:
        """Return all real pictures `[n, 1, size, size]` of a split and their classes `[n]`."""
        pictures, classes = stored_slices(self._data, split, self._share if split == "train" else 1.0)
        return _scaled(torch.from_numpy(pictures)[:, None], self.size), torch.from_numpy(classes)

    def batch(self, count: int, draw: Draw, split: str = "train") -> Batch:
        """Return `count` pictures, each chosen and varied from its own seed."""
        need_split(self.patients, split)
        self.prepare(split)
        rngs = generators(count, draw)
        chosen = [self._draw(rng, split) for rng in rngs]
        pictures, label = torch.stack([picture for picture, _ in chosen]), torch.stack([each for _, each in chosen])
        if self._imitate:
            mirrored = torch.tensor([rng.random() < 0.5 for rng in rngs])
            return {"image": torch.where(mirrored[:, None, None, None], pictures.flip(-1), pictures), "label": label}
        numbers = Numbers([int(rng.integers(2**62)) for rng in rngs])
        nothing = torch.zeros(count, dtype=torch.bool)
        source, _ = augmentation.varied(pictures, nothing, nothing, numbers, self.size[0], upside_down=0.0)
        return {"source": source, "label": label}

    def _draw(self, rng: np.random.Generator, split: str) -> tuple[Tensor, Tensor]:
        synthetic = split == "train" and rng.random() < self._synthetic_share
        pictures, classes = self._pools["synthetic" if synthetic else split]
        alike = torch.nonzero(classes == int(rng.integers(self.classes))).flatten()
        place = alike[int(rng.integers(len(alike)))]
        return pictures[place], classes[place]

    def _made(self) -> tuple[Tensor, Tensor]:
        from medgan_viewer.lab.cohort.slices import load_generator

        generator = load_generator(Path(self._synthetic), CLASSES)
        label = torch.arange(self._count) % self.classes
        return _scaled(generator.pictures(label, _SPLIT_SEED), self.size), label


def _scaled(pictures: Tensor, size: tuple[int, int]) -> Tensor:
    """Return pictures of another size; smaller ones are averages, so that nothing is aliased."""
    if pictures.shape[2:] == size:
        return pictures
    return functional.interpolate(pictures, size=size, mode="bilinear", align_corners=False, antialias=True)
