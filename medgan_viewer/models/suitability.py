"""May this model be used on this series? Answered from headers before anything is loaded, in a reader's words."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from medgan_viewer.core.catalog import Instance, Series
from medgan_viewer.core.volume import Vector, Volume
from medgan_viewer.models.manifest import Input, Manifest

__all__ = ["LARGEST_TILT_DEGREES", "Choice", "Verdict", "check", "choose_inputs", "fits_beside"]

# Gantry tilt (up to 30°) and planning along the skull base stay within this of a true axial plane.
LARGEST_TILT_DEGREES = 35.0
ANY_REGION = "ANY"
_HEAD_WORDS = ("HEAD", "BRAIN", "SKULL", "CRANI", "NEURO")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a model fits; ``reasons`` say why not, ``cautions`` what the reader must confirm. One sentence each."""

    reasons: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether the model may be used on the series."""
        return not self.reasons


@dataclass(frozen=True, slots=True)
class Choice:
    """Which series a model takes together, in the manifest's order; an optional one only where one alone fits.

    ``inputs`` is empty where that is not decided: ``reasons`` then name what is missing, one sentence each, or one of
    ``candidates`` (for each input those that fit) holds more than one series.
    """

    inputs: tuple[Series, ...] = ()
    candidates: tuple[tuple[Series, ...], ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def ambiguous(self) -> bool:
        """Whether nothing is missing, but more than one series would do for some input."""
        return not self.inputs and not self.reasons


def choose_inputs(manifest: Manifest, series: Series, others: Sequence[Series]) -> Choice:
    """Choose the series that a model takes beside ``series`` (which :func:`check` judges) out of ``others``."""
    chosen = [series]
    candidates: list[tuple[Series, ...]] = [(series,)]
    reasons: list[str] = []
    for wanted in manifest.requires.inputs[1:]:
        fitting = tuple(o for o in others if o not in chosen and fits_beside(manifest, wanted, series, o))
        if wanted.optional and len(fitting) != 1:
            continue
        candidates.append(fitting)
        if len(fitting) == 1:
            chosen += fitting
        elif not fitting:
            reasons.append(f"Needs {wanted.words} in the same frame of reference as well; there is none.")
    decided = len(chosen) == len(candidates)
    return Choice(tuple(chosen) if decided else (), tuple(candidates), tuple(reasons))


def fits_beside(manifest: Manifest, wanted: Input, first: Series, other: Series, volume: Volume | None = None) -> bool:
    """Return whether a series can be a further input beside the first one: same study, same frame of reference.

    Its contrast must be stated where one is wanted: nobody is asked to confirm what is chosen for them.
    """
    together = (
        other.uid != first.uid
        and other.study_uid == first.study_uid
        and bool(first.frame_of_reference_uid)
        and other.frame_of_reference_uid == first.frame_of_reference_uid
    )
    if not together or (wanted.contrasts and other.contrast not in wanted.contrasts):
        return False
    alone = replace(manifest.requires, modalities=(wanted.modality,), contrasts=wanted.contrasts, inputs=())
    return check(replace(manifest, requires=alone), other, volume).fits


def check(manifest: Manifest, series: Series, volume: Volume | None = None) -> Verdict:
    """Judge a series by its headers, and by its regular grid where that is loaded."""
    reasons: list[str] = []
    cautions: list[str] = []
    requires = manifest.requires
    if manifest.task == "classification":
        reasons.append("It says what a series shows and makes no result of its own; the input check asks it.")
    if series.synthetic and not series.simulated:
        reasons.append("This series was made by a model; models are used on acquired images only.")
    if series.colour:
        reasons.append("This series is in colour; models are used on grey images only.")
    if series.modality not in requires.modalities:
        needed = " or ".join(requires.modalities)
        reasons.append(f"Needs {needed}; this series is {series.modality or 'of no stated modality'}.")
    _check_region(requires.body_part, series, reasons, cautions)
    if requires.contrasts and series.modality == "MR":
        _check_contrast(requires.contrasts, series, reasons, cautions)
    _check_geometry(manifest, series, volume, reasons)
    return Verdict(tuple(reasons), tuple(cautions))


def _check_region(needed: str, series: Series, reasons: list[str], cautions: list[str]) -> None:
    stated = series.body_part.strip().upper()
    if needed == ANY_REGION:
        return
    if not stated:
        cautions.append(f"The region is not stated in the series: confirm that it shows a {needed.lower()}.")
    elif needed == "HEAD" and any(word in stated for word in _HEAD_WORDS):
        return
    elif needed not in stated:
        reasons.append(f"Needs a {needed.lower()}; this series shows {stated.lower()}.")


def _check_contrast(needed: tuple[str, ...], series: Series, reasons: list[str], cautions: list[str]) -> None:
    words = " or ".join(needed)
    if series.contrast is None:
        cautions.append(f"The contrast is not stated in the series: confirm that it is {words}.")
    elif series.contrast not in needed:
        reasons.append(f"Needs {words}; this series is {series.contrast}.")


def _check_geometry(manifest: Manifest, series: Series, volume: Volume | None, reasons: list[str]) -> None:
    normal, spacing = _geometry_of(series) if volume is None else _grid_of(volume)
    if normal is None:
        reasons.append("The position of the slices in the patient is not known.")
        return
    tilt = math.degrees(math.acos(min(1.0, abs(float(normal[2])) / float(np.linalg.norm(normal)))))
    if tilt > LARGEST_TILT_DEGREES:
        reasons.append(f"Needs axial slices; these are tilted by {tilt:.0f}°.")
    largest = manifest.requires.max_slice_spacing_mm
    if spacing is not None and spacing > largest + 0.05:
        reasons.append(f"Needs slices at most {largest:g} mm apart; these are {spacing:.1f} mm apart.")


def _grid_of(volume: Volume) -> tuple[Vector | None, float | None]:
    """Return the slice normal and the slice distance of a grid."""
    normal = volume.plane(0).normal
    return normal, abs(float(np.dot(volume.affine[:3, 0], normal)))


def _geometry_of(series: Series) -> tuple[Vector | None, float | None]:
    """Return the common slice normal and the largest slice distance, each None where the headers do not tell."""
    placed = [i for i in series.instances if i.position is not None and i.orientation is not None]
    if not placed:
        return None, None
    normal = _normal(placed[0])
    if np.linalg.norm(normal) < 0.5:
        return None, None
    positions = np.sort([float(np.dot(np.asarray(i.position), normal)) for i in placed])
    gaps = np.diff(positions)
    return normal, float(gaps.max()) if gaps.size else None


def _normal(instance: Instance) -> Vector:
    orientation = np.asarray(instance.orientation, dtype=np.float64)
    return np.asarray(np.cross(orientation[:3], orientation[3:]))
