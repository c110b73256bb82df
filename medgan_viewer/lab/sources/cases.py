"""Random slices out of cases: the volumes of one patient on one grid, encoded as a network gets and gives them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.sources.base import Batch, Draw, Refusal, check_patients, generators, need_split
from medgan_viewer.models.encoding import stack_neighbours

Float = NDArray[np.float32]


@dataclass(frozen=True)
class Case:
    """Pictures of one patient on one canonical grid, each `[slice, channel, row, column]`.

    `sources` are encoded inputs by name, of which a sample takes one; `target` what the network shall give (None in
    the unpaired case's other half); `segmentation` `[slice, row, column]`; `label` the class of the whole case.
    `outside` gives the value of every channel beyond the edges, by the same names and "target".
    """

    patient: str
    sources: Mapping[str, NDArray[Any]]
    target: NDArray[Any] | None
    outside: Mapping[str, tuple[float, ...]]
    segmentation: NDArray[Any] | None = None
    label: int | None = None

    def joined(self) -> "Case":
        """Return the case with all its inputs as one, their channels in order."""
        name = "+".join(self.sources)
        stack = np.concatenate(list(self.sources.values()), axis=1)
        outside = tuple(value for source in self.sources for value in self.outside[source])
        return replace(self, sources={name: stack}, outside={**self.outside, name: outside})


@dataclass(frozen=True)
class Window:
    """What is cut out of a case: `crop`² pixels, `neighbours` on each side, zeros up to `channels_per_slice`."""

    crop: int
    neighbours: int = 0
    channels_per_slice: int = 1
    mirrored: bool = True


class CaseSource:
    """Draws `source` and `target` of the same slice of a random case; `image` alone where cases have no inputs.

    Cases are drawn with equal chances, so that a long series counts no more than a short one. With `paired` off source
    and target come from two independently drawn cases. Raises UsageError for a patient in two splits.
    """

    def __init__(
        self,
        cases: Mapping[str, Sequence[Case]],
        window: Window,
        *,
        classes: int = 0,
        paired: bool = True,
        refused: Sequence[Refusal] = (),
    ) -> None:
        self.patients: Mapping[str, tuple[str, ...]] = {
            split: tuple(sorted({case.patient for case in some})) for split, some in cases.items()
        }
        check_patients(self.patients)
        self._cases = cases
        self.refused = tuple(refused)
        self.classes, self._paired, self._window = classes, paired, window
        self._sources = {split: [case for case in some if case.sources] for split, some in cases.items()}
        self._targets = {split: [case for case in some if case.target is not None] for split, some in cases.items()}
        self._need_both()
        self.size = (window.crop, window.crop)
        some = self._targets["train"]
        self.target_channels = int(some[0].target.shape[1]) if some and some[0].target is not None else 0
        has_sources = bool(self._sources["train"])
        self.source_channels = (2 * window.neighbours + 1) * window.channels_per_slice if has_sources else 0

    def batch(self, count: int, draw: Draw, split: str = "train") -> Batch:
        """Return random cases, slices, inputs, crops and left-right flips."""
        need_split(self.patients, split)
        samples = [self._sample(split, rng) for rng in generators(count, draw)]
        return {name: torch.from_numpy(np.stack([sample[name] for sample in samples])) for name in samples[0]}

    def cases(self, split: str) -> tuple[Case, ...]:
        """Return all cases of a split, whole, for evaluation."""
        return tuple(self._cases.get(split, ()))

    def _sample(self, split: str, rng: np.random.Generator) -> dict[str, NDArray[Any]]:
        sources, targets = self._sources[split], self._targets[split]
        sample: dict[str, NDArray[Any]] = {}
        case = _one(sources or targets, rng)
        index, place = int(rng.integers(_slices(case))), rng.random((2, 2)).mean(axis=0)
        mirror = -1 if self._window.mirrored and rng.random() < 0.5 else 1
        if sources:
            names = list(case.sources)
            sample["source"] = self._source(case, names[int(rng.integers(len(names)))], index, place, mirror)
        if targets and not self._paired:
            case = _one(targets, rng)
            index = int(rng.integers(_slices(case)))
            mirror = -1 if self._window.mirrored and rng.random() < 0.5 else 1
        if case.target is not None:
            picture = _cut(case.target[index], place, self._window.crop, case.outside["target"])
            sample["target" if sources else "image"] = _turned(picture, mirror)
        if case.segmentation is not None:
            labels = _cut(case.segmentation[index][None].astype(np.int64), place, self._window.crop, (0,))
            sample["segmentation"] = np.ascontiguousarray(labels[0][..., ::mirror])
        if case.label is not None:
            sample["label"] = np.int64(case.label)  # type: ignore[assignment]
        return sample

    def _source(self, case: Case, name: str, index: int, place: Float, mirror: int) -> Float:
        window, stack = self._window, case.sources[name]
        low = max(0, index - window.neighbours)
        near = stack[low : index + window.neighbours + 1].astype(np.float32)
        cut = np.stack([_cut(image, place, window.crop, case.outside[name]) for image in near])
        return _turned(stack_neighbours(cut, index - low, window.neighbours, window.channels_per_slice), mirror)

    def _need_both(self) -> None:
        if not self._sources.get("train") and not self._targets.get("train"):
            raise UsageError("The data hold no case for training: look at folder, names and splits in [data].")
        if not self._paired and not (self._sources["train"] and self._targets["train"]):
            raise UsageError("Unpaired training needs cases with an input and cases with a target in train.")


def _one(cases: Sequence[Case], rng: np.random.Generator) -> Case:
    return cases[int(rng.integers(len(cases)))]


def _slices(case: Case) -> int:
    some = next(iter(case.sources.values()), case.target)
    return 0 if some is None else len(some)


def _cut(image: NDArray[Any], place: Float, size: int, outside: tuple[float, ...]) -> NDArray[Any]:
    """Return `[channel, size, size]` of `[channel, row, column]`; `place` (0–1) says where in what there is."""
    result = np.empty((len(image), size, size), dtype=image.dtype if image.dtype == np.int64 else np.float32)
    for channel, value in enumerate(outside):
        result[channel] = value
    into, out = [slice(None)], [slice(None)]
    for share, length in zip(place, image.shape[1:], strict=True):
        room = length - size
        first = round(float(share) * room) if room > 0 else 0
        gap = 0 if room > 0 else -room // 2
        out.append(slice(first, first + min(size, length)))
        into.append(slice(gap, gap + min(size, length)))
    result[tuple(into)] = image[tuple(out)]
    return result


def _turned(image: NDArray[Any], mirror: int) -> Float:
    return np.ascontiguousarray(image[..., ::mirror], dtype=np.float32)
