"""Slices for the anomaly model: reading, one grid, where anomalies may lie; and the cache of healthy training slices.

Canonical slices: axes LPS, so rows run to the back (+P) and columns to the patient's left (+L), 1.5 mm pixels, 160
× 160.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from medgan_viewer.lab.anomaly.simulation import Contrast, simulate_slices
from medgan_viewer.lab.evaluation.exams.real import load_patient_exam
from medgan_viewer.lab.simulation.data import load_head_labels
from medgan_viewer.models.encoding import encode, mr_foreground

GRID_MM = 1.5
PIXELS = 160
BRAIN_MM = 115.0
"""Height of the brain under the top of the inside of the head; anomalies are put there."""
_EXAM = "head-anomaly"
WHOLE_HEAD_MS = ("patient01_s1", "patient01_s2", "patient03_s2", "patient04_s1")
SOURCES = ("simulated", "ixi", "ms", "lgg")
TUMOUR_MARGIN_MM = 15.0
"""So far around a tumour in its slice nothing is taken for healthy."""
LGG_SPACING_MM = (5.0, 1.25, 1.25)
"""Nominal spacing of `lgg` (240 mm over 192 pixels); the true one is not stored."""

Float = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HealthySlices:
    """Encoded slices `image` [N, 160, 160] float16; `place`: where anomalies may lie; `ignored`: not known to be
    healthy.

    `flair` [N] tells FLAIR from T1; `source` [N] is an index of SOURCES.
    """

    image: npt.NDArray[np.float16]
    place: Mask
    ignored: Mask
    flair: Mask
    source: npt.NDArray[np.int8]

    def save(self, path: Path) -> None:
        """Write an .npz file, complete or not at all."""
        unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
        with unfinished.open("wb") as file:
            np.savez(file, **{name: getattr(self, name) for name in self.__slots__})
        unfinished.replace(path)

    @classmethod
    def load(cls, path: Path) -> HealthySlices:
        """Read what `save` wrote."""
        with np.load(path) as stored:
            return cls(*(stored[name] for name in ("image", "place", "ignored", "flair", "source")))


def read_canonical(path: Path) -> tuple[Float, tuple[float, float, float]]:
    """Read a NIfTI file as [slice, row, column] on LPS axes; also the spacing in mm in that order."""
    import SimpleITK

    image = SimpleITK.DICOMOrient(SimpleITK.ReadImage(str(path)), "LPS")
    spacing = image.GetSpacing()
    return SimpleITK.GetArrayFromImage(image).astype(np.float32), (spacing[2], spacing[1], spacing[0])


def interior(mask: Mask, spacing_mm: float, depth_mm: float = 12.0) -> Mask:
    """The head further than `depth_mm` from the air, slice by slice: roughly what lies inside the skull."""
    from scipy import ndimage

    padded = np.pad(mask, ((0, 0), (1, 1), (1, 1)))
    distance = np.stack([ndimage.distance_transform_edt(plane) for plane in padded])[:, 1:-1, 1:-1]
    return np.asarray(distance * spacing_mm > depth_mm)


def on_grid(volume: Float, spacing: tuple[float, float, float], pixels: int = PIXELS) -> Float:
    """Resample [N, H, W] in plane to GRID_MM and cut or pad about the centre to pixels × pixels."""
    height, width = volume.shape[1:]
    size = (round(height * spacing[1] / GRID_MM), round(width * spacing[2] / GRID_MM))
    smooth = spacing[1] < GRID_MM
    tensor = torch.from_numpy(np.ascontiguousarray(volume))[:, None]
    plane = functional.interpolate(tensor, size=size, mode="bilinear", align_corners=False, antialias=smooth)[:, 0]
    return centred(plane.numpy(), pixels)


def centred(volume: npt.NDArray[np.float32], pixels: int) -> Float:
    """Cut or pad (with 0) the last two axes about their centre."""
    result = np.zeros((len(volume), pixels, pixels), dtype=np.float32)
    source, target = [slice(None)], [slice(None)]
    for size in volume.shape[1:]:
        start = (size - pixels) // 2
        source.append(slice(max(start, 0), max(start, 0) + min(size, pixels)))
        target.append(slice(max(-start, 0), max(-start, 0) + min(size, pixels)))
    result[tuple(target)] = volume[tuple(source)]
    return result


def canonical_slices(path: Path) -> tuple[Float, Mask, tuple[float, float, float]]:
    """Encoded slices of one MR volume on the model's grid, their head mask, and the spacing of these slices in mm."""
    volume, spacing = read_canonical(path)
    grid = (spacing[0], GRID_MM, GRID_MM)
    plane = on_grid(volume, spacing)
    return encode("mr_head", plane, grid)[:, 0], mr_foreground(plane, grid), grid


def ixi_files(folder: Path, role: str) -> list[Path]:
    """T1 volumes of `ixi_t1_2mm` with this role (`train` or `calibrate`)."""
    index = json.loads((folder / "index.json").read_text())
    return [folder / f"{name}.nii.gz" for name, entry in sorted(index.items()) if entry["role"] == role]


def lgg_patients(folder: Path) -> tuple[str, ...]:
    """Patients of `lgg` to train on: those of its split `train` whom the exam does not keep out to calibrate on."""
    index = json.loads((folder / "index.json").read_text())
    kept_out = load_patient_exam(_EXAM).kept_out("lgg")
    return tuple(sorted(name for name, entry in index.items() if entry["split"] == "train" and name not in kept_out))


def far_from(found: Mask) -> Mask:
    """Slices [N] in which nothing of a mask [N, H, W] lies, nor in their neighbours."""
    ill = np.asarray(found.any(axis=(1, 2)))
    return np.asarray(~(ill | np.append(ill[1:], False) | np.append(False, ill[:-1])))


def surroundings(found: Mask) -> Mask:
    """What lies within TUMOUR_MARGIN_MM of a mask [N, H, W] in its slice, the mask included."""
    from scipy import ndimage

    near = np.zeros_like(found)
    for index in np.flatnonzero(found.any(axis=(1, 2))):
        near[index] = ndimage.distance_transform_edt(~found[index]) * GRID_MM <= TUMOUR_MARGIN_MM
    return near


def suspicious(image: Float, mask: Mask) -> Mask:
    """Pixels of a FLAIR volume of a person with multiple sclerosis that may be lesion: not to be called healthy.

    Lesions lie deep, the cortex does not; so only pixels 22 mm inside the head are suspected, when they are a fifth
    brighter than the brain of their slice.
    """
    from scipy import ndimage

    deep = interior(mask, GRID_MM, 22.0)
    smooth = ndimage.gaussian_filter(image, (0, 0.7, 0.7))
    doubtful = np.zeros_like(mask)
    for index, plane in enumerate(smooth):
        brain = plane[deep[index] & (plane > 0.25)]
        if brain.size:
            doubtful[index] = deep[index] & (plane > 1.2 * np.median(brain))
    return np.asarray(ndimage.binary_dilation(doubtful, iterations=2, structure=np.ones((1, 3, 3))))


def build_cache(
    data: Path,
    heads: Sequence[int],
    heads_per_map: int,
    seed: int,
    *,
    real: bool,
    lgg: bool = False,
    tumours: bool = False,
) -> HealthySlices:
    """Simulate healthy slices (a few minutes), `heads_per_map` heads from each map of `heads`; `real` reads those too.

    Real ones are the training patients of IXI and the whole-head sessions of the patients with multiple sclerosis, with
    `lgg` also slices far from the tumours of patients with glioma (a set for non-commercial use), and with `tumours`
    their other slices too, the tumours with TUMOUR_MARGIN_MM around them ignored.
    """
    parts = list(_simulated(data / "head_labels", heads, heads_per_map, seed))
    if real:
        parts += list(_ixi(data / "ixi_t1_2mm"))
        parts += list(_multiple_sclerosis(data / "ms"))
    if lgg:
        parts += list(_glioma(data / "lgg", tumours=tumours))
    joined = [np.concatenate(arrays) for arrays in zip(*parts, strict=True)]
    return HealthySlices(joined[0].astype(np.float16), joined[1], joined[2], joined[3], joined[4])


def patients_of(data: Path, heads: Sequence[int], *, real: bool, lgg: bool = False) -> tuple[str, ...]:
    """Return who the slices of `build_cache` are of."""
    patients = [f"head_{number:02d}" for number in heads]
    if real:
        patients += [path.name.removesuffix(".nii.gz") for path in ixi_files(data / "ixi_t1_2mm", "train")]
        patients += sorted({f"ms {session[:9]}" for session in WHOLE_HEAD_MS})
    if lgg:
        patients += lgg_patients(data / "lgg")
    return tuple(patients)


Part = tuple[npt.NDArray[np.float16], Mask, Mask, Mask, npt.NDArray[np.int8]]


def _part(image: Float, place: Mask, ignored: Mask, flair: bool, source: str) -> Part:
    keep = (image > 0.1).mean(axis=(1, 2)) > 0.02
    count = int(keep.sum())
    kind = np.full(count, SOURCES.index(source), dtype=np.int8)
    return image[keep].astype(np.float16), place[keep], ignored[keep], np.full(count, flair), kind


def _simulated(folder: Path, heads: Sequence[int], heads_per_map: int, seed: int) -> Iterator[Part]:
    for head in heads:
        labels = torch.from_numpy(load_head_labels(folder.parent, head)[0].astype(np.float32))
        for number in range(heads_per_map):
            contrast: Contrast = "FLAIR" if number % 5 < 3 else "T1"
            drawn = simulate_slices(labels, contrast, GRID_MM, seed + 1000 * head + number)
            image = encode("mr_head", drawn.image, (5.0, GRID_MM, GRID_MM))[:, 0]
            yield _part(image, drawn.brain, np.zeros_like(drawn.brain), contrast == "FLAIR", "simulated")
        log.info("head %d simulated", head)


def _ixi(folder: Path) -> Iterator[Part]:
    for path in ixi_files(folder, "train"):
        image, mask, _ = canonical_slices(path)
        # Neighbours averaged: slices of 2 and of 6 mm.
        thick = ((image[:-2] + image[1:-1] + image[2:])[::2] / 3).astype(np.float32)
        thick_mask = mask[1:-1][::2]
        for slices, inside in ((image, mask), (thick, thick_mask)):
            place = interior(inside, GRID_MM)
            place[: _lowest_brain_slice(place, BRAIN_MM / (2.0 if slices is image else 4.0))] = False
            yield _part(slices, place, np.zeros_like(inside), False, "ixi")


def _lowest_brain_slice(inside: Mask, slices: float) -> int:
    """First slice of the brain, counted down from the top of the head; face and neck lie below."""
    occupied = np.flatnonzero(inside.any(axis=(1, 2)))
    return max(0, int(occupied[-1] - slices)) if occupied.size else 0


def _multiple_sclerosis(folder: Path) -> Iterator[Part]:
    for session in WHOLE_HEAD_MS:
        flair, mask, _ = canonical_slices(folder / session / "flair.nii.gz")
        inside, doubtful = interior(mask, GRID_MM), suspicious(flair, mask)
        yield _part(flair, inside & ~doubtful, doubtful, True, "ms")
        t1, _, _ = canonical_slices(folder / session / "t1.nii.gz")
        yield _part(t1, inside & ~doubtful, doubtful, False, "ms")


def _glioma(folder: Path, *, tumours: bool = False) -> Iterator[Part]:
    index = json.loads((folder / "index.json").read_text())
    grid = (LGG_SPACING_MM[0], GRID_MM, GRID_MM)
    for name in lgg_patients(folder):
        with np.load(folder / f"{name}.npz") as stored:
            flair, t1, tumour = (
                on_grid(stored[key].astype(np.float32), LGG_SPACING_MM) for key in ("flair", "t1", "mask")
            )
        kept = np.ones(len(tumour), dtype=bool) if tumours else far_from(tumour > 0)
        if not kept.any():
            continue
        ignored = surroundings(tumour > 0)
        place = interior(mr_foreground(flair, grid), GRID_MM) & ~ignored
        contrasts = [(flair, True), (t1, False)] if index[name]["has_t1"] else [(flair, True)]
        for volume, is_flair in contrasts:
            image = encode("mr_head", volume, grid)[:, 0]
            yield _part(image[kept], place[kept], ignored[kept], is_flair, "lgg")
