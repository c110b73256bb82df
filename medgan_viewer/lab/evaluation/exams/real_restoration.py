"""Exams of restoration: what was made worse, or scanned with less, against what was not.

MR is `thick_mr`'s. Body CT of whole patients with simulated photon noise, and the phantom with true doses. The network
runs as packaged, on the viewer's road; beside it stand the picture as acquired, non-local means (the baseline), a
bilateral filter and, where one was trained, RED-CNN of the same size.
"""

import logging
import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from medgan_viewer import settings
from medgan_viewer.errors import MissingPartError, UsageError
from medgan_viewer.lab.evaluation import metrics
from medgan_viewer.lab.evaluation.exams import dose_phantom, thick_mr
from medgan_viewer.lab.evaluation.exams.candidates import Packaged
from medgan_viewer.lab.evaluation.exams.classical import bilateral, noise_level, non_local_means
from medgan_viewer.lab.evaluation.exams.real import EnhanceTest, LowDoseTest, PatientExam, PatientSet
from medgan_viewer.lab.evaluation.exams.run import Sitting, goals_of, lesion_rows, score_rows
from medgan_viewer.lab.simulation import low_dose_ct
from medgan_viewer.lab.simulation.numbers import Numbers
from medgan_viewer.lab.sources.low_dose_slices import HIGHEST_HU, LOWEST_HU, read_slice
from medgan_viewer.lab.sources.volumes import SliceCache
from medgan_viewer.models.encoding import ct_foreground, mr_reference
from medgan_viewer.models.manifest import Package

__all__ = ["examine", "protocol"]

Test = TypeVar("Test", LowDoseTest, EnhanceTest)
Pictures = NDArray[np.float32]
Restorer = Callable[[Pictures, float], Pictures]
"""Pictures `[picture, row, column]` of one thing in HU and their pixel size in mm → the same, restored."""
_SLICE_MM = 5.0
"""Slices are looked at alone: how far apart they would be changes nothing."""
_ONCE = ("baseline", "bilateral", "rival")
"""Who restores the first repeat only: that takes longer and says the same."""
_PHANTOM = "phantom, true 10 % dose"
log = logging.getLogger(__name__)


def examine(exam: PatientExam, packages: Mapping[str, Package], data: Path) -> dict[str, Any]:
    """Return `rows`, `exam`, `goals` and `precision`; `packages` holds "model" and, where there is one, "rival".

    Raises UsageError where the model restores no CT, MissingPartError without the data.
    """
    modality = "CT" if exam.low_dose is not None else "MR"
    made = {output.modality for output in packages["model"].manifest.images}
    if made != {modality} or modality not in packages["model"].manifest.requires.modalities:
        raise UsageError(f"The model {packages['model'].id} restores no {modality}, as the exam {exam.id} asks for.")
    packaged = {who: Packaged(package) for who, package in packages.items()}
    sitting = Sitting()
    further = (_low_dose if exam.low_dose is not None else _enhance)(exam, packaged, sitting, data)
    found = score_rows(sitting) + further
    return {
        "rows": found,
        "exam": {"id": exam.id, "sha256": exam.digest, "rival": "rival" in packages},
        "goals": goals_of(exam.goals, found),
        "precision": packaged["model"].precision,
    }


def _enhance(exam: PatientExam, packaged: Mapping[str, Packaged], sitting: Sitting, data: Path) -> list[dict[str, Any]]:
    test = _test(exam, exam.enhance)
    enhancers: dict[str, thick_mr.Enhancer] = {who: partial(_enhanced, one) for who, one in packaged.items()}
    enhancers["baseline"] = thick_mr.filtered
    for one in exam.sets:
        thick_mr.sit(one, test, enhancers, sitting, data)
    if test.lesions:
        thick_mr.look_for_lesions(test, enhancers, sitting, data)
    return lesion_rows(sitting)


def _enhanced(
    packaged: Packaged, worse: Pictures, spacing: tuple[float, float, float], asked: Sequence[int]
) -> Pictures:
    (made,) = packaged({"MR": worse.astype(np.int16)}, ("MR",), spacing, asked).values()
    # What comes out is in shares of the input's own reference.
    result: Pictures = (made / 1000 * (mr_reference(worse, spacing) / 1000)).astype(np.float32)
    return result


def _low_dose(
    exam: PatientExam, packaged: Mapping[str, Packaged], sitting: Sitting, data: Path
) -> list[dict[str, Any]]:
    """Return the rows that are no means over patients or repeats."""
    test = _test(exam, exam.low_dose)
    restorers: dict[str, Restorer] = {who: partial(_restored, one) for who, one in packaged.items()}
    restorers |= {
        "baseline": partial(_filtered, non_local_means),
        "bilateral": partial(_filtered, bilateral),
        "input": lambda pictures, pixel_mm: pictures,
    }
    further = []
    for one in exam.sets:
        if one.truth:
            further += _phantom(one, test, restorers, sitting, data)
        else:
            _bodies(one, test, restorers, sitting, data)
    return further


def _test(exam: PatientExam, found: Test | None) -> Test:
    if found is None:
        raise UsageError(f"The exam {exam.id} does not say how pictures are made worse.")
    return found


def _restored(packaged: Packaged, pictures: Pictures, pixel_mm: float) -> Pictures:
    whole = np.round(pictures).astype(np.int16)
    made = packaged({"CT": whole}, ("CT",), (_SLICE_MM, pixel_mm, pixel_mm), range(len(whole)))
    return made["CT"].astype(np.float32)


def _filtered(by: Callable[[Any, float], Any], pictures: Pictures, pixel_mm: float) -> Pictures:
    del pixel_mm
    return np.stack([by(picture, noise_level(picture)) for picture in pictures])


def _bodies(
    one: PatientSet, test: LowDoseTest, restorers: Mapping[str, Restorer], sitting: Sitting, data: Path
) -> None:
    """Let everybody restore every slice of the patients, and score it within the body."""
    low, high = test.window_hu
    found: dict[tuple[str, str, str, str, str], list[float]] = {}
    for patient in one.patients:
        paths = sorted((data / one.data).glob(f"{patient}_*.npz"))
        if not paths:
            raise MissingPartError(
                f"Slices of {one.data} are not in the data folder: set MEDGAN_DATA to where they are."
            )
        for path in paths:
            log.info("examining a slice of %s", one.data)
            clean, pixel_mm = read_slice(path)
            body = ct_foreground(clean[None], (_SLICE_MM, pixel_mm, pixel_mm))
            truth = np.clip(clean, low, high).astype(np.float32)[None]
            for photons, scans in zip(test.photons, low_dose_scans(path, test), strict=True):
                for who, restore in restorers.items():
                    chosen = scans[:1] if who in _ONCE else scans
                    for picture in restore(chosen.astype(np.float32), pixel_mm):
                        seen = np.clip(picture, low, high)[None]
                        scores = {
                            ("PSNR in the window", "dB"): metrics.psnr(seen, truth, body, high - low),
                            ("SSIM in the window", ""): metrics.ssim(seen, truth, body, high - low),
                        }
                        for (metric, unit), value in scores.items():
                            found.setdefault((_body(photons), metric, unit, who, patient), []).append(value)
    for (setting, metric, unit, who, patient), values in found.items():
        sitting.add(setting, {(metric, unit): float(np.mean(values))}, who, patient)


def _body(photons: float) -> str:
    return f"body, {photons:g} photons a ray"


def low_dose_scans(path: Path, test: LowDoseTest) -> NDArray[np.int16]:
    """Return a slice scanned with each number of photons, `[photons, repeat, row, column]` in HU as 12 bits hold it.

    Simulated once (about half a minute of one core) and kept in the user's cache folder.
    """
    cache = SliceCache(settings.cache_folder() / "exams" / "low-dose", [test.seed, test.repeats, test.photons])
    return cache.get([path], "scans", partial(_scanned, path, test))


def _scanned(path: Path, test: LowDoseTest) -> NDArray[np.int16]:
    clean, pixel_mm = read_slice(path)
    picture = torch.from_numpy(clean.astype(np.float32))[None, None]
    made = []
    for place, photons in enumerate(test.photons):
        first = (test.seed << 24) + ((zlib.crc32(path.name.encode()) % 2**16) << 8) + 16 * place
        seeds = [first + repeat for repeat in range(test.repeats)]
        noisy = low_dose_ct.low_dose(picture, pixel_mm, torch.full((test.repeats,), photons), Numbers(seeds))
        made.append(noisy[:, 0].round().clamp(LOWEST_HU, HIGHEST_HU).numpy().astype(np.int16))
    return np.stack(made)


def _phantom(
    one: PatientSet, test: LowDoseTest, restorers: Mapping[str, Restorer], sitting: Sitting, data: Path
) -> list[dict[str, Any]]:
    """Let everybody restore the phantom's scans of a tenth of the dose; return the model observer's rows."""
    rows_: list[dict[str, Any]] = []
    for name in one.patients:
        log.info("examining the phantom")
        phantom = dose_phantom.read_phantom(data / one.data / name)
        given = dict(phantom.scans["dose_010"])
        given["inserted"] = given["absent"] + phantom.signal
        by_who = {who: {kind: restore(some, 1.0) for kind, some in given.items()} for who, restore in restorers.items()}
        by_who["full"] = dict(phantom.scans[one.truth])
        for who, scanned in by_who.items():
            for (metric, unit), values in dose_phantom.measures(phantom, scanned, test.window_hu).items():
                if who == "full" and "window" in metric:
                    continue  # its mean is the truth
                for repeat, value in values.items():
                    sitting.add(_PHANTOM, {(metric, unit): value}, who, repeat)
        rows_ += dose_phantom.observer_rows(phantom, by_who, _PHANTOM)
    return rows_


def protocol(exam: PatientExam, said: Mapping[str, Any]) -> str:
    """Return in words how the numbers of an exam are made; `said` is what was stored of it."""
    start = f"Exam {exam.id} ({exam.digest[:12]}), fixed in resources/evaluation before any model was measured on it. "
    if exam.enhance is not None:
        return start + thick_mr.protocol(exam.enhance)
    test = _test(exam, exam.low_dose)
    bodies = next(one for one in exam.sets if not one.truth)
    levels = ", ".join(f"{photons:g}" for photons in test.photons)
    low, high = test.window_hu
    return (
        f"{start}Body: all slices of {len(bodies.patients)} patients of {bodies.data} whom nothing was trained or "
        f"tuned on, scanned by simulation with {levels} photons a ray (parallel beam, 360 views, electronic noise,"
        f" filtered back-projection without a smoothing kernel, {test.repeats} times each), kept as 12 bits keep "
        f"it; PSNR and SSIM in the body within {low:g} to {high:g} HU against the slice itself, whose own noise "
        "counts as truth, averaged over repeats and slices, then over patients. Phantom: true scans of 10 % of "
        "the dose, ten with faint discs and ten without, against the mean of the ten scans of full dose; noise "
        "and its mean frequency from the middle 64² pixels, edge width of the cylinder's rim, contrast of each "
        "disc that is left where it was added to scans without discs before. Model observer: channelised "
        "Hotelling that knows the disc, five Laguerre-Gauss channels, the ten scans with the disc against twelve "
        "regions at the same distance from the middle of the ten without; interval by bootstrap over scans. "
        "Weights as packaged, strength 1, run as the viewer does, in full precision. Baseline: non-local means (5² "
        "patch, 13² window, strength by the noise that the picture itself shows); on bodies it"
        + (", RED-CNN" if said.get("rival") else "")
        + " and the bilateral filter saw the first of the repeats only."
    )
