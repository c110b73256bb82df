"""Simulated heads made anew for every batch, on the training's device, alone or with slices of real patients."""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.simulation.anatomy import build_anatomy
from medgan_viewer.lab.simulation.data import load_head_labels
from medgan_viewer.lab.simulation.field_strength import HIGH_TESLA, LOWEST_TESLA
from medgan_viewer.lab.simulation.label_bank import LabelBank, build_bank
from medgan_viewer.lab.simulation.signals import HIGHER_FIELD
from medgan_viewer.lab.simulation.simulate import crop_to_head
from medgan_viewer.lab.simulation.simulate_batch import BatchSettings, simulate_batch
from medgan_viewer.lab.simulation.tissues import SEGMENTS
from medgan_viewer.lab.sources.archive import Archive
from medgan_viewer.lab.sources.base import Batch, Draw, Refusal, need_split
from medgan_viewer.lab.sources.simulated_heads import HEADS, INPUTS, data_folder, patients_of, sampling_of

_SIGNAL = 0.05
"""Share of the reference from which on a pixel of a real patient belongs to the head."""
log = logging.getLogger(__name__)


class LiveHeads:
    """`source`, `target`, `segmentation`, `lesions` and `shares` (soft labels) of heads that never come again.

    As `simulated_heads`, without a cache: every sample is another position, shape, lesion and scanner. `inputs` may
    also hold MR, any contrast that may be; a sample takes one of them, or all of them `together`, one's channels after
    the other's in every slice. `variants` is how many versions of each head are kept whose ventricles and
    sulci differ (1.5 s of one core and 15 MB each), `planes` how many planes are averaged for partial volume (4 is
    enough for training on a CPU), `lesion_probability` that of a lesion near the slice, `metal_probability` that of
    metal in the slices of a CT (0.3 s of one core a sample), `whole` the field of view of which `crop` pixels of
    1.25 mm are kept. Batches lie on `device`.

    With `low_tesla` (such as [0.3, 1.5]) inputs are of scanners of a field between these two, and the one target is the
    input's own contrast as of 7 T; `targets` stays empty and `inputs` are among T1, T2 and FLAIR, one at a time.

    With an `archive` (see `Archive`) the share `real` of every training batch are slices of its patients, all but those
    `held_out`, and `segmentation` is only 0 for air and 1 for the head. What is ill in them counts as everything else.

    Raises UsageError for an unknown name or where nobody of the archive is left, MissingPartError without data.
    """

    def __init__(
        self,
        inputs: Sequence[str],
        targets: Sequence[str] = (),
        crop: int = 160,
        neighbours: int = 1,
        channels_per_slice: int = 0,
        variants: int = 2,
        planes: int = 4,
        whole: int = 192,
        lesion_probability: float = 0.5,
        metal_probability: float = 0.0,
        together: bool = False,
        low_tesla: Sequence[float] = (),
        archive: str = "",
        real: float = 0.5,
        held_out: Sequence[str] = (),
        seed: int = 0,
        device: str = "cpu",
        data: str | Path | None = None,
    ) -> None:
        sampling = sampling_of(
            inputs, targets, crop, neighbours, channels_per_slice, (*INPUTS, "MR"), together=together
        )
        chances = (lesion_probability, metal_probability)
        if min(variants, planes, whole) < 1 or min(chances) < 0 or max(chances) > 1:
            raise UsageError("Variants, planes and field of view must be at least 1, probabilities 0 to 1.")
        if metal_probability and "CT" not in sampling.inputs:
            raise UsageError("Metal is simulated in CT alone, and there is none among the inputs.")
        if low_tesla:
            _check_fields(low_tesla, inputs, alone=not (targets or together or archive))
        if not 0 < real < 1:
            raise UsageError("The share of real slices lies between 0 and 1: for none, name no archive.")
        self.settings = BatchSettings(
            sampling.inputs,
            sampling.pictures,
            size=min(crop or whole, whole),
            whole=whole,
            neighbours=neighbours,
            channels_per_slice=sampling.channels_per_slice,
            planes=planes,
            lesion_probability=lesion_probability,
            metal_probability=metal_probability,
            together=together,
            low_tesla=(low_tesla[0], low_tesla[1]) if low_tesla else None,
        )
        self.source_channels = (2 * neighbours + 1) * sampling.channels_per_slice
        self.target_channels = 1 if low_tesla else len(sampling.pictures)
        self.classes = len(SEGMENTS)
        self.size = (self.settings.size, self.settings.size)
        self.patients = patients_of(HEADS)
        self._data, self._device, self._seed, self._variants = data_folder(data), device, seed, variants
        self._banks: dict[str, LabelBank] = {}
        self.refused: tuple[Refusal, ...] = ()
        self._archive: Archive | None = None
        if archive:
            self._archive = Archive(
                archive,
                inputs,
                targets,
                self.settings.size,
                neighbours,
                sampling.channels_per_slice,
                together=together,
                held_out=held_out,
                data=data,
            )
            self.refused, self._real, self.classes = self._archive.refused, real, 2
            self.patients = {**self.patients, "train": (*self.patients["train"], *self._archive.patients["train"])}

    def prepare(self, split: str) -> None:
        """Read and vary the heads of a split; does nothing where that was done."""
        if split not in self._banks:
            log.info("preparing the heads for %s", split)
            self._banks[split] = self._bank(HEADS[split]).to(self._device)

    def batch(self, count: int, draw: Draw, split: str = "train") -> Batch:
        """Return `count` samples, each simulated from its own seed or of a real patient, the latter at the end."""
        need_split(self.patients, split)
        self.prepare(split)
        real = round(self._real * count) if self._archive is not None and split == "train" else 0
        with torch.no_grad():
            made = simulate_batch(self._banks[split], draw.seeds(count - real), self.settings)
        if self._archive is None:
            return made
        made["segmentation"] = (made["segmentation"] > 0).long()
        del made["shares"]
        return _joined(made, self._archive.batch(real, draw)) if real else made

    def _bank(self, heads: Sequence[int]) -> LabelBank:
        anatomies = []
        for number in heads:
            labels, spacing = load_head_labels(self._data, number)
            labels = crop_to_head(labels, spacing)
            for variant in range(self._variants):
                rng = np.random.default_rng([self._seed, variant, number])
                anatomies.append(build_anatomy(labels, spacing, rng, vary=True, lesion_probability=0.0))
        return build_bank(anatomies, np.random.default_rng([self._seed, *heads]))


def _check_fields(low_tesla: Sequence[float], inputs: Sequence[str], *, alone: bool) -> None:
    """Raise UsageError where a training for a higher field asks for what there is not."""
    if len(low_tesla) != 2 or not LOWEST_TESLA <= low_tesla[0] < low_tesla[1] < HIGH_TESLA:
        raise UsageError(f"low_tesla is two field strengths, ascending, from {LOWEST_TESLA:g} to under {HIGH_TESLA:g}.")
    if not alone or not set(inputs) <= set(HIGHER_FIELD):
        known = ", ".join(HIGHER_FIELD)
        raise UsageError(f"With low_tesla, inputs are {known}, one at a time, without targets and without an archive.")


def _joined(simulated: Batch, real: Batch) -> Batch:
    """Return both as one batch; nobody outlined the head or lesions in the real ones."""
    found = {name: some.to(simulated["source"].device) for name, some in real.items()}
    found["segmentation"] = (found["target"].amax(dim=1) > _SIGNAL).long()
    found["lesions"] = torch.zeros_like(found["segmentation"])
    return {name: torch.cat([some, found[name].to(some.dtype)]) for name, some in simulated.items()}
