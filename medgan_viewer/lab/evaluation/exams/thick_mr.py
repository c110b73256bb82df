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
from medgan_viewer.lab.evaluation.exams.lesions import contrast
from medgan_viewer.lab.evaluation.exams.real import EnhanceTest, PatientSet
from medgan_viewer.lab.evaluation.exams.run import Sitting, count_lesion
from medgan_viewer.lab.evaluation.exams.scans import Found
from medgan_viewer.lab.evaluation.exams.scores import counts, lesion_outcome
from medgan_viewer.lab.evaluation.exams.store import patients
from medgan_viewer.lab.simulation.mr_degradation import slab_weights
from medgan_viewer.lab.simulation.simulate import MR_CONTRASTS
from medgan_viewer.lab.sources.volumes import axial, canonical
from medgan_viewer.models.encoding import mr_foreground, mr_reference
from medgan_viewer.models.refining import spline_matrix

__all__ = ["Enhancer", "look_for_lesions", "made_worse", "protocol", "sit"]

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
        ways = [(thickness, noise, False) for thickness in test.thickness_mm for noise in test.noise]
        for thickness, noise, empty in [*ways, *((*pair, True) for pair in test.empty_air)]:
            rng = seeded(test, good.patient, good.name, thickness, noise)
            worse = made_worse(good.picture, good.spacing[0], thickness, noise, rng, head if empty else None)
            title = f"{_WHOSE[one.data]}, {_said(thickness, noise)}, {'air set to zero' if empty else 'test'}"
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


def look_for_lesions(test: EnhanceTest, enhancers: Mapping[str, Enhancer], sitting: Sitting, data: Path) -> None:
    """Let everybody enhance simulated heads with and without lesions, and count what became of each lesion.

    What is true is the patient's own picture of thin slices, whose noise can be neglected. A lesion is visible where
    its contrast in the thick slices is as many times their noise as the scans' file says. Raises UsageError where the
    scans are not what was frozen, MissingPartError without the data.
    """
    scans = load_scans(test.lesion_scans)
    for patient in patients(scans, data):
        log.info("looking for the lesions of %s", patient.name)
        scan = patient.scans["hard"]
        touched = sorted({int(k) for one in scan.found for k in (*one.region.inside[0], *one.region.ring[0])})
        places = {k: place for place, k in enumerate(touched)}
        for name in MR_CONTRASTS:
            reference = np.float32(mr_reference(scan.inputs[name], scan.spacing))
            pictures = [np.clip(some[name] / reference, 0, 1.5).astype(np.float32) for some in (scan.inputs, scan.free)]
            for thickness, noise in test.lesions:
                title = f"simulated {name}, {_said(thickness, noise)}, with lesions"
                quiet = made_worse(pictures[0], scan.spacing[0], thickness, 0.0, np.random.default_rng(0))
                found = [_found(one, name, pictures, quiet, noise) for one in scan.found]
                found = [one for one in found if counts(one, (name,), name, scans.lesions)]
                worse = [
                    made_worse(
                        some, scan.spacing[0], thickness, noise, seeded(test, patient.name, name, thickness, noise)
                    )
                    for some in pictures
                ]
                for who, enhance in [*enhancers.items(), ("input", _as_acquired)]:
                    # In the unit of the scan with lesions, whose 99.5th percentile is its own.
                    ill, well = (1000 * enhance(np.round(some * 1000), scan.spacing, touched) for some in worse)
                    for one in found:
                        outcome = lesion_outcome(one, name, ill, well, places, scans.lesions)
                        count_lesion(sitting, title, who, patient.name, outcome)


def seeded(test: EnhanceTest, patient: str, name: str, thickness: float, noise: float) -> np.random.Generator:
    """Return the random numbers of one picture that is made worse in one way."""
    return np.random.default_rng(zlib.crc32(f"{test.seed} {patient} {name} {thickness} {noise}".encode()))


def _said(thickness: float, noise: float) -> str:
    return f"{thickness:g} mm, noise {100 * noise:g} %"


def _as_acquired(worse: Float, spacing: Spacing, asked: Sequence[int]) -> Float:
    del spacing
    return (worse[list(asked)] / 1000).astype(np.float32)


def _found(one: Found, name: str, pictures: Sequence[Float], quiet: Float, noise: float) -> Found:
    """Return a lesion with its contrasts in thin slices with and without it, and in thick ones over their noise."""
    ill, well = (contrast(picture, one.region) for picture in pictures)
    return replace(one, to_noise={name: contrast(quiet, one.region) / noise}, target={name: ill}, without={name: well})


_WHOSE = {"head_labels": "simulated heads", "ixi_t1_2mm": "real T1 (IXI)"}


def made_worse(
    picture: Float,
    slice_mm: float,
    thickness_mm: float,
    noise: float,
    rng: np.random.Generator,
    head: NDArray[np.bool_] | None = None,
) -> Float:
    """Return a volume cut into thicker slices with Rician noise, interpolated (B-spline) back to the thin ones.

    `noise` is σ in shares of the reference. Where the `head` is given, a thick slice is 0 outside of it.
    """
    weights = slab_weights(len(picture), slice_mm, thickness_mm, thickness_mm).numpy()
    thick = np.tensordot(weights, picture, axes=1)
    real, imaginary = (rng.normal(0, noise, thick.shape) for _ in range(2))
    thick = np.hypot(thick + real, imaginary)
    if head is not None:
        thick[np.tensordot(weights, head, axes=1) == 0] = 0
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
        "truth's unit by the reference that the network itself takes. Means and intervals over pictures, those of "
        f"lesions over patients.{_about_air(test)}{_about_lesions(test)}"
    )


def _about_air(test: EnhanceTest) -> str:
    if not test.empty_air:
        return ""
    return (
        " Air set to zero: before the interpolation every pixel outside the head is 0, as some scanners leave it; this "
        "came into the exam after other weights had sat it."
    )


def _about_lesions(test: EnhanceTest) -> str:
    if not test.lesions:
        return ""
    scans = load_scans(test.lesion_scans)
    asked = scans.lesions
    named = " and ".join(f"{one.count} of the kind “{one.name}”" for one in asked.named)
    return (
        f" Lesions: {asked.count} of {asked.diameter_mm[0]:g}–{asked.diameter_mm[1]:g} mm ({', '.join(asked.kinds)}) "
        f"and {named} in {scans.patients} patients simulated from the {len(scans.heads)} heads {scans.heads[0]}–"
        f"{scans.heads[-1]}, slices of {scans.hard.slice_mm:g} mm made worse as above. One counts where its contrast "
        f"after thickening and interpolation is at least {asked.contrast_to_noise:g} times the noise that was added "
        "(the named ones however faint; what thick slices lose altogether is not asked for), where the thin slices "
        f"show it (at least {asked.least_contrast_mr:g} of the reference) and where the same head without it would not "
        f"pass for it. Reproduced: its contrast against a ring of {asked.ring_mm:g} mm has the sign and at least "
        f"{100 * asked.least_share:g} % of the size that it has in the thin slices. Inserted: in the same head without "
        "lesions the same place differs from the truth as if at least half of the lesion were there."
    )
