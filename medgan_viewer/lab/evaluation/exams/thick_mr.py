"""The exam of enhanced MR: good MR of the head made thick and noisy, interpolated back, and compared with itself.

The simulated heads' pictures have no noise at all; the real T1 volumes have their own, which counts as truth.
"""

import logging
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.errors import MissingPartError
from medgan_viewer.lab.evaluation import metrics
from medgan_viewer.lab.evaluation.exams.classical import noise_level, non_local_means
from medgan_viewer.lab.evaluation.exams.definition import load_scans
from medgan_viewer.lab.evaluation.exams.real import EnhanceTest, PatientSet
from medgan_viewer.lab.evaluation.exams.run import Sitting
from medgan_viewer.lab.evaluation.exams.store import patients
from medgan_viewer.lab.simulation.mr_degradation import slab_weights
from medgan_viewer.lab.sources.volumes import axial, canonical
from medgan_viewer.models.encoding import mr_foreground, mr_reference
from medgan_viewer.models.refining import spline_matrix

__all__ = ["Enhancer", "made_worse", "protocol", "sit"]

Float = NDArray[np.float32]
Spacing = tuple[float, float, float]
Enhancer = Callable[[Float, Spacing, Sequence[int]], Float]
"""A volume in 1/1000 of its reference, its spacing (mm) and slices asked for → those slices in shares of the same."""
SCANS = "head-scans"
_IXI_MM = 2.0
_SLICES = 6
"""Slices of each volume that are scored, spread evenly over the head."""
_LEAST_HEAD = 0.25
GAIN = "gain in PSNR over B-spline"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Good:
    """A good volume in shares of its reference."""

    patient: str
    name: str
    picture: Float
    spacing: Spacing


def sit(one: PatientSet, test: EnhanceTest, enhancers: Mapping[str, Enhancer], sitting: Sitting, data: Path) -> None:
    """Let everybody enhance every picture of the patients, made worse in every way that the exam names.

    Raises MissingPartError without the data.
    """
    for good in _good(one, data):
        log.info("examining a picture of %s", one.data)
        head = mr_foreground(good.picture, good.spacing)
        asked = _asked(head)
        truth, inside = good.picture[asked], head[asked]
        for thickness in test.thickness_mm:
            for noise in test.noise:
                seed = zlib.crc32(f"{test.seed} {good.patient} {good.name} {thickness} {noise}".encode())
                worse = made_worse(good.picture, good.spacing[0], thickness, noise, np.random.default_rng(seed))
                title = f"{_WHOSE[one.data]}, {thickness:g} mm, noise {100 * noise:g} %, test"
                found = {"input": worse[asked]} | {
                    who: enhance(np.round(worse * 1000), good.spacing, asked) for who, enhance in enhancers.items()
                }
                scores = {who: metrics.psnr(picture, truth, inside, 1.0) for who, picture in found.items()}
                name = f"{good.patient} {good.name}"
                for who, picture in found.items():
                    sitting.add(title, {("PSNR in head", "dB"): scores[who]}, who, name)
                    sitting.add(title, {("SSIM in head", ""): metrics.ssim(picture, truth, inside, 1.0)}, who, name)
                    if who != "input":
                        sitting.add(title, {(GAIN, "dB"): scores[who] - scores["input"]}, who, name)


_WHOSE = {"head_labels": "simulated heads", "ixi_t1_2mm": "real T1 (IXI)"}


def made_worse(picture: Float, slice_mm: float, thickness_mm: float, noise: float, rng: np.random.Generator) -> Float:
    """Return a volume cut into thicker slices with Rician noise, interpolated (B-spline) back to the thin ones.

    `noise` is σ in shares of the reference.
    """
    weights = slab_weights(len(picture), slice_mm, thickness_mm, thickness_mm).numpy()
    thick = np.tensordot(weights, picture, axes=1)
    real, imaginary = (rng.normal(0, noise, thick.shape) for _ in range(2))
    thick = np.hypot(thick + real, imaginary)
    places = (np.arange(len(picture)) + 0.5) * slice_mm / thickness_mm - 0.5
    spread = np.tensordot(spline_matrix(len(thick), places), thick, axes=1)
    result: Float = np.maximum(spread, 0).astype(np.float32)
    return result


def filtered(worse: Float, spacing: Spacing, asked: Sequence[int]) -> Float:
    """Return slices after non-local means, by the noise that each shows."""
    del spacing
    slices = [np.asarray(worse[index] / 1000, np.float32) for index in asked]
    return np.stack([non_local_means(one, noise_level(one)) for one in slices])


def _asked(head: NDArray[np.bool_]) -> list[int]:
    areas = head.sum(axis=(1, 2))
    enough = np.flatnonzero(areas >= _LEAST_HEAD * max(int(areas.max()), 1))
    places = np.linspace(0, len(enough) - 1, min(_SLICES, len(enough)))
    return [int(enough[round(place)]) for place in places]


def _good(one: PatientSet, data: Path) -> Iterator[_Good]:
    wanted = [name for names in one.inputs for name in names]
    if one.data == "head_labels":
        left = list(one.patients)
        for patient in patients(load_scans(SCANS), data):
            # One simulated patient of each head.
            if f"head_{patient.head:02d}" not in left:
                continue
            left.remove(f"head_{patient.head:02d}")
            scan = patient.scans["easy"]
            for name in wanted:
                yield _Good(f"head_{patient.head:02d}", name, _scaled(scan.targets[name], scan.spacing), scan.spacing)
        return
    from medgan_viewer.dicom import nifti

    for name in one.patients:
        path = data / one.data / f"{name}.nii.gz"
        if not path.is_file():
            raise MissingPartError(
                f"Volumes of {one.data} are not in the data folder: set MEDGAN_DATA to where they are."
            )
        values, spacing = canonical(axial(replace(nifti.read(path), modality="MR")), _IXI_MM)
        yield _Good(name, wanted[0], _scaled(values, spacing), spacing)


def _scaled(picture: NDArray[np.generic], spacing: Spacing) -> Float:
    values = np.asarray(picture, np.float32)
    scaled: Float = np.clip(values / np.float32(mr_reference(values, spacing)), 0, 1.5)
    return scaled


def protocol(test: EnhanceTest) -> str:
    """Return in words how the numbers are made."""
    thick = " and ".join(f"{one:g}" for one in test.thickness_mm)
    noise = ", ".join(f"{100 * one:g}" for one in test.noise)
    return (
        "Simulated heads: T1, T2 and FLAIR of one simulated patient of each head that nothing was trained on, 3 mm "
        "without noise; real T1: volumes of IXI of 2 mm that nothing was trained on, whose own noise counts as truth. "
        f"Each is averaged to slices of {thick} mm, given Rician noise of {noise} % of the 99.5th percentile in the "
        f"head and interpolated back (cubic B-spline), which is the picture as acquired; {_SLICES} slices of each "
        "volume are scored in the head, range the same percentile. Magnitude pictures: no phase, no coils, no motion. "
        "Baseline: non-local means of the interpolated slices. Weights as packaged, strength 1, run as the viewer "
        "does, in full precision, but for the interpolation, which comes before; each picture is brought to the "
        "truth's unit by the reference that the network itself takes. Means and intervals over pictures."
    )
