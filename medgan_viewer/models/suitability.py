"""May this model be used on this series? Answered from headers before anything is loaded, in a reader's words."""

import math
from dataclasses import dataclass

import numpy as np

from medgan_viewer.core.catalog import Instance, Series
from medgan_viewer.core.volume import Vector, Volume
from medgan_viewer.models.manifest import Manifest

__all__ = ["LARGEST_TILT_DEGREES", "Verdict", "check"]

# Gantry tilt (up to 30°) and planning along the skull base stay within this of a true axial plane.
LARGEST_TILT_DEGREES = 35.0
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


def check(manifest: Manifest, series: Series, volume: Volume | None = None) -> Verdict:
    """Judge a series by its headers, and by its regular grid where that is loaded."""
    reasons: list[str] = []
    cautions: list[str] = []
    requires = manifest.requires
    if series.synthetic and not series.simulated:
        reasons.append("This series was made by a model; models are used on acquired images only.")
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
