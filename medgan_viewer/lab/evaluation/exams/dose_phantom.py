"""The low-contrast phantom of `ct_dose_phantom`: true scans of a tenth of the dose and of all of it, with faint discs.

FDA DIDSR's LCD-CT data: simulated fan-beam scans of a cylinder of water, filtered back-projection, ten repeats of each,
with discs of 14, 7, 5 and 3 HU and without them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.errors import MissingPartError, ReadError
from medgan_viewer.lab.evaluation import metrics, rows
from medgan_viewer.lab.evaluation.exams import image_quality

__all__ = ["Disc", "Phantom", "measures", "observer_rows", "read_phantom"]

Pictures = NDArray[np.float32]
Scanned = Mapping[str, Pictures]
"""Repeats `[repeat, row, column]` in HU, "present" with the discs and "absent" without them."""
DOSES = ("dose_010", "dose_100")
_SIZE, _REPEATS = 256, 10
_WATER = 1000
"""Values are HU over air."""
_CORE = 0.6
"""Share of a disc's radius within which its contrast is measured."""
_NOISE_SIZE = 64
_DIRECTIONS = 12
_EDGE_REACH = 12.0


@dataclass(frozen=True)
class Disc:
    """A disc: its `contrast` in HU, its middle (row, column) and its radius in pixels."""

    contrast: float
    centre: tuple[float, float]
    radius: float

    @property
    def name(self) -> str:
        """What it is called in a table."""
        return f"disc of {self.contrast:g} HU"


@dataclass(frozen=True)
class Phantom:
    """All scans by dose, where the discs are, and what they add `[row, column]` in HU."""

    scans: Mapping[str, Scanned]
    discs: tuple[Disc, ...]
    signal: Pictures

    @cached_property
    def body(self) -> tuple[tuple[float, float], float]:
        """The cylinder's middle and radius in pixels, of the mean of all scans of the full dose."""
        solid = self.scans[DOSES[1]]["absent"].mean(axis=0) > -_WATER / 2
        row, column = (float(places.mean()) for places in np.nonzero(solid))
        return (row, column), float(np.sqrt(solid.sum() / np.pi))

    @property
    def inside(self) -> NDArray[np.bool_]:
        """The cylinder."""
        (row, column), radius = self.body
        rows_, columns = np.indices((_SIZE, _SIZE))
        return np.asarray(np.hypot(rows_ - row, columns - column) < radius)


def read_phantom(folder: Path) -> Phantom:
    """Return the phantom in a folder `ct_dose_phantom/fbp`. Raises MissingPartError, ReadError."""
    if not folder.is_dir():
        raise MissingPartError("The phantom ct_dose_phantom is not in the data folder: set MEDGAN_DATA to where it is.")
    truth = _raw(folder / "ground_truth.raw", np.uint16)
    scans = {
        dose: {
            kind: np.stack([_repeat(folder, dose, kind, number) for number in range(1, _REPEATS + 1)])
            for kind in ("present", "absent")
        }
        for dose in DOSES
    }
    return Phantom(scans, _discs(truth), np.clip(truth.astype(np.float32) - _WATER, 0, None))


def _repeat(folder: Path, dose: str, kind: str, number: int) -> Pictures:
    path = folder / dose / f"signal_{kind}" / f"signal_{kind}_{number:03d}.raw"
    return _raw(path, np.int16).astype(np.float32) - _WATER


def _raw(path: Path, kind: type[np.generic]) -> NDArray[np.generic]:
    try:
        return np.fromfile(path, kind).reshape(_SIZE, _SIZE)
    except (OSError, ValueError) as error:
        raise ReadError(path, "it is no picture of the phantom; copy it again") from error


def _discs(truth: NDArray[np.generic]) -> tuple[Disc, ...]:
    """Return the discs of a map of values over air, in which pixels at their rims hold parts of them; faintest last."""
    from scipy import ndimage

    over = np.clip(truth.astype(np.float64) - _WATER, 0, None)
    parts, count = ndimage.label(over > 0, structure=np.ones((3, 3)))
    found = []
    for part in range(1, count + 1):
        amount = np.where(parts == part, over, 0)
        contrast = float(amount.max())
        row, column = ndimage.center_of_mass(amount)
        found.append(Disc(contrast, (float(row), float(column)), float(np.sqrt(amount.sum() / contrast / np.pi))))
    return tuple(sorted(found, key=lambda disc: -disc.contrast))


def measures(
    phantom: Phantom, scanned: Scanned, window: tuple[float, float]
) -> dict[tuple[str, str], dict[str, float]]:
    """Return by metric and unit what was measured, by repeat or of all repeats together.

    Where `scanned` has "inserted" too, the scans without discs to which the discs were added before whatever happened
    to them, the contrast that is left of each is measured: they differ in the discs alone, so noise hardly counts.
    """
    truth = {kind: some.mean(axis=0) for kind, some in phantom.scans[DOSES[1]].items()}
    inside, low, high = phantom.inside, *window
    found: dict[tuple[str, str], dict[str, float]] = {("PSNR in the window", "dB"): {}, ("SSIM in the window", ""): {}}
    for kind, mean in truth.items():
        wanted = np.clip(mean, low, high)[None]
        for number, picture in enumerate(scanned[kind]):
            seen, name = np.clip(picture, low, high)[None], f"{kind} {number + 1}"
            found["PSNR in the window", "dB"][name] = metrics.psnr(seen, wanted, inside[None], high - low)
            found["SSIM in the window", ""][name] = metrics.ssim(seen, wanted, inside[None], high - low)
    middle = slice((_SIZE - _NOISE_SIZE) // 2, (_SIZE + _NOISE_SIZE) // 2)
    spectrum = image_quality.power_spectrum(scanned["absent"][:, middle, middle].astype(np.float64))
    everything = "all repeats"
    found["noise", "HU"] = {everything: float(np.sqrt(spectrum.mean()))}
    found["mean frequency of the noise power spectrum", "per pixel"] = {
        everything: image_quality.mean_frequency(spectrum)
    }
    centre, radius = phantom.body
    found["edge width, 10 to 90 %", "pixels"] = {
        everything: image_quality.edge_width(scanned["absent"].mean(axis=0), centre, radius, _EDGE_REACH)
    }
    if "inserted" not in scanned:
        return found
    difference = scanned["inserted"].mean(axis=0) - scanned["absent"].mean(axis=0)
    for disc in phantom.discs:
        kept = 100 * float(difference[_within(disc)].mean()) / disc.contrast
        found[f"contrast kept, {disc.name}", "%"] = {everything: kept}
    return found


def _within(disc: Disc) -> NDArray[np.bool_]:
    rows_, columns = np.indices((_SIZE, _SIZE))
    return np.asarray(np.hypot(rows_ - disc.centre[0], columns - disc.centre[1]) <= max(_CORE * disc.radius, 1.0))


def observer_rows(phantom: Phantom, by_who: Mapping[str, Scanned], setting: str) -> list[dict[str, object]]:
    """Return a row for each disc: the area under a model observer's curve, with a 95 % interval for everybody."""
    made = []
    for disc in phantom.discs:
        areas: dict[str, tuple[float, float, float]] = {}
        size = 2 * round(2 * disc.radius) + 1
        signal = _cut(phantom.signal[None], disc.centre, size)[0]
        for who, scanned in by_who.items():
            present, absent = _regions(phantom, disc, scanned, size)
            there, without = image_quality.observer_scores(present, absent, signal, 2.5 * disc.radius)
            area = image_quality.area_under_curve(there, without)
            # Regions come place by place, ten repeats of each.
            areas[who] = (area, *image_quality.auc_interval(there, without.reshape(-1, len(there)).T))
        low, high = areas["model"][1:]
        others = "; ".join(
            f"{rows.WHO[who]} {ends[0]:.2f} to {ends[1]:.2f}" for who, (_, *ends) in areas.items() if who != "model"
        )
        made.append(
            {
                "setting": setting,
                "metric": f"AUC of a model observer, {disc.name}",
                "unit": "",
                **{who: round(area, 3) for who, (area, _, _) in areas.items()},
                "n": _REPEATS,
                "spread": f"95 % interval {low:.2f} to {high:.2f} ({others})",
                "interval": [round(low, 4), round(high, 4)],
                "patients": {who: {"low": round(one[1], 4), "high": round(one[2], 4)} for who, one in areas.items()},
            }
        )
    return made


def _regions(phantom: Phantom, disc: Disc, scanned: Scanned, size: int) -> tuple[Pictures, Pictures]:
    """Return the regions with the disc, and those without it in twelve directions as far from the middle.

    The noise of a cylinder is the same in every direction but for its own direction, which round channels do not see.
    """
    (row, column), _ = phantom.body
    away = np.array(disc.centre) - (row, column)
    turned = []
    for step in range(_DIRECTIONS):
        turn = 2 * np.pi * step / _DIRECTIONS
        cosine, sine = np.cos(turn), np.sin(turn)
        place = (row + cosine * away[0] - sine * away[1], column + sine * away[0] + cosine * away[1])
        turned.append(_cut(scanned["absent"], place, size))
    return _cut(scanned["present"], disc.centre, size), np.concatenate(turned)


def _cut(pictures: Pictures, centre: tuple[float, float], size: int) -> Pictures:
    row, column = (round(place) - size // 2 for place in centre)
    return pictures[:, row : row + size, column : column + size]
