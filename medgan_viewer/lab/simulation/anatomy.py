"""From a head label map to what each voxel consists of: tissues, fat within soft tissue, lesions and texture."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medgan_viewer.lab.simulation.fields import blur, coarse_blur, smooth_noise
from medgan_viewer.lab.simulation.lesions import LESION_KINDS, Lesions, add_lesions
from medgan_viewer.lab.simulation.tissues import (
    FAT_SEGMENT,
    LABEL_SEGMENTS,
    SOFT_TISSUE_LABEL,
    TISSUE_INDEX,
    label_table,
    tissue_table,
    tissue_values,
)

Spacing = tuple[float, float, float]
_WHITE_AND_DEEP = (2, 41, 10, 49, 11, 50, 12, 51, 25, 57)
_VENTRICLES = (4, 43, 14)


@dataclass(frozen=True)
class Anatomy:
    """Per voxel `[slice, row, column]`: tissue index, fat share of soft tissue, lesions, texture, merged segment."""

    tissues: Tensor
    fat: Tensor
    lesions: Lesions
    texture: Tensor
    segments: Tensor
    spacing: Spacing

    def compose(self, values: NDArray[np.float32]) -> Tensor:
        """Return the property `values` (one per tissue) of every voxel, mixed where muscle and fat or a lesion meet."""
        result = torch.from_numpy(values)[self.tissues]
        fat = torch.tensor(values[TISSUE_INDEX["fat"]])
        torch.lerp(result, fat, self.fat, out=result)
        lesion_values = torch.from_numpy(
            np.array([0.0, *(values[TISSUE_INDEX[kind.tissue]] for kind in LESION_KINDS)], dtype=np.float32)
        )
        touched = torch.nonzero(self.lesions.kind, as_tuple=True)
        share = self.lesions.share[touched]
        result[touched] += share * (lesion_values[self.lesions.kind[touched].int()] - result[touched])
        return result

    def textured(self, values: NDArray[np.float32], relative: float) -> Tensor:
        """Return `compose(values)` multiplied by 1 + relative · texture."""
        return self.compose(values).mul_(1 + relative * self.texture)

    def hounsfield(self, values: NDArray[np.float32]) -> Tensor:
        """Return CT numbers: `compose(values)` with each tissue's own spread of texture."""
        return self.compose(values) + self.compose(tissue_values("hu_spread")) * self.texture


def build_anatomy(
    labels: NDArray[np.uint16], spacing: Spacing, rng: np.random.Generator, *, vary: bool, lesion_probability: float
) -> Anatomy:
    """Return the anatomy of a label map `[slice, row, column]`; `vary` widens ventricles and sulci at random."""
    if vary:
        labels = _vary_ventricles(labels, spacing, rng)
        labels = _vary_sulci(labels, spacing, rng)
    tissues = torch.from_numpy(tissue_table()[labels])
    segments = torch.from_numpy(label_table(LABEL_SEGMENTS)[labels])
    bone = torch.from_numpy((labels == 515) | (labels == 516)).float()
    near_bone = blur(bone, [2.0 / s for s in spacing])
    dura = torch.from_numpy(labels == 24) & (near_bone > rng.uniform(0.22, 0.4))
    tissues[dura] = TISSUE_INDEX["dura"]
    segments[dura] = 11
    fat = _fat_share(labels, near_bone, spacing, rng)
    segments[fat > 0.5] = FAT_SEGMENT
    count = int(rng.integers(1, 5)) if rng.random() < lesion_probability else 0
    lesions = add_lesions(tissues, spacing, count, rng)
    shape = tissues.shape
    texture = 0.6 * smooth_noise(shape, spacing, 2.5, rng) + 0.6 * smooth_noise(shape, spacing, 14.0, rng)
    return Anatomy(tissues.int(), fat, lesions, texture, segments, spacing)


def _fat_share(labels: NDArray[np.uint16], near_bone: Tensor, spacing: Spacing, rng: np.random.Generator) -> Tensor:
    """Return the share of fat in label 507: under the skin and around the eyes, with smooth random strands between."""
    soft = torch.from_numpy(labels == SOFT_TISSUE_LABEL)
    outside = torch.from_numpy((labels == 0) | (labels == 511)).float()
    near_skin = coarse_blur(outside, [5.0 / s for s in spacing])
    near_eye = coarse_blur(torch.from_numpy(np.isin(labels, (506, 508, 530))).float(), [6.0 / s for s in spacing])
    shape = near_bone.shape
    noise = 0.5 * smooth_noise(shape, spacing, 18.0, rng) + 0.2 * smooth_noise(shape, spacing, 8.0, rng)
    score = 3.0 * near_skin + 9.0 * near_eye - 0.8 * near_bone + noise - float(rng.uniform(0.6, 1.0))
    return torch.sigmoid(score / 0.2) * soft


def _box(mask: NDArray[np.bool_], margin: int) -> tuple[slice, ...]:
    points = np.argwhere(mask)
    low = np.maximum(points.min(axis=0) - margin, 0)
    high = points.max(axis=0) + margin + 1
    return tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))


def _vary_ventricles(labels: NDArray[np.uint16], spacing: Spacing, rng: np.random.Generator) -> NDArray[np.uint16]:
    """Widen the ventricles into white matter and deep grey by up to about 4 mm in half of the heads."""
    mask = np.isin(labels, _VENTRICLES)
    if rng.random() < 0.5 or not mask.any():
        return labels
    box = _box(mask, 12)
    sigma = rng.uniform(1.5, 4.0)
    near = blur(torch.from_numpy(mask[box]).float(), [sigma / s for s in spacing]).numpy()
    result = labels.copy()
    grown = (near > rng.uniform(0.15, 0.45)) & np.isin(labels[box], _WHITE_AND_DEEP)
    result[box][grown] = 4
    return result


def _vary_sulci(labels: NDArray[np.uint16], spacing: Spacing, rng: np.random.Generator) -> NDArray[np.uint16]:
    """Round off the cortex where fluid surrounds it, or close sulci as thin as a voxel or two."""
    change = rng.uniform(-1, 1)
    cortex = np.isin(labels, (3, 42))
    if not cortex.any():
        return labels
    box = _box(cortex, 4)
    part = labels[box]
    grows, gives = (part == 24, cortex[box]) if change > 0 else (cortex[box], part == 24)
    near = blur(torch.from_numpy(grows).float(), [0.9 / s for s in spacing]).numpy()
    changed = gives & (near > 0.5 - 0.2 * abs(change))
    result = labels.copy()
    result[box][changed] = 24 if change > 0 else 3
    return result
