"""An exam's scans on disk: simulated once for all exams, checked against what they measured when they were frozen."""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medgan_viewer import resources, settings
from medgan_viewer.errors import UsageError
from medgan_viewer.lab import records
from medgan_viewer.lab.evaluation.exams.definition import Scans
from medgan_viewer.lab.evaluation.exams.lesions import Planned, Region
from medgan_viewer.lab.evaluation.exams.scans import PICTURES, Found, Patient, Scan, check_protocol, simulate_patient
from medgan_viewer.lab.simulation.data import encode_series, write_series
from medgan_viewer.lab.simulation.simulate import SimulatedHead

__all__ = ["baseline_folder", "check_statistics", "freeze", "patients", "simulated_folder", "statistics"]

_BASELINE = 1000
"""Numbers of the patients that the look-up table is fitted on begin here."""
_TOLERANCE = 0.002
"""How far a picture's mean and deviation may lie from the frozen ones, in units of the deviation."""
log = logging.getLogger(__name__)


def patients(scans: Scans, data: Path) -> Iterator[Patient]:
    """Yield the patients of an exam in order, simulated where they are not there yet (20 s of one core each).

    Raises UsageError where they are not what was frozen, MissingPartError or ReadError without the head maps.
    """
    check_protocol(scans)
    for number in range(scans.patients):
        path = _path(scans, number)
        if not path.exists():
            made = _simulated(scans, data, number)
            check_statistics(scans, made)
            _write(path, made)
        yield _read(path)


def freeze(scans: Scans, data: Path) -> None:
    """Simulate all patients and keep what their pictures measure beside the scans' file: every older number is void."""
    check_protocol(scans)
    measured = {}
    for number in range(scans.patients):
        made = _simulated(scans, data, number)
        _write(_path(scans, number), made)
        measured[made.name] = statistics(made)
    records.write(_frozen(scans), {"scans": scans.digest, "patients": measured})


def baseline_folder(scans: Scans, data: Path) -> Path:
    """Return a folder with series of training heads, scanned as the exam's: what a look-up table is fitted on."""
    return simulated_folder(scans, data, "baseline", scans.baseline_heads)


def simulated_folder(scans: Scans, data: Path, name: str, heads: Sequence[int]) -> Path:
    """Return the folder `name` with series of other heads than the exam's, scanned as these are, by the lab's cache.

    The same place among `heads` gives the same patient of another head.
    """
    check_protocol(scans)
    folder = _folder(scans) / name
    folder.mkdir(parents=True, exist_ok=True)
    for place, head in enumerate(heads):
        stems = {name: folder / f"head_{head:02d}_{name}" for name in ("easy", "hard")}
        if all(Path(f"{stem}.labels.npy").exists() for stem in stems.values()):
            continue
        log.info("simulating head %d for the %s", head, name)
        made = simulate_patient(scans, data, _BASELINE + place, head, {"easy": scans.easy, "hard": scans.hard})
        for name, stem in stems.items():
            write_series(stem, *encode_series(_as_simulated(made.scans[name])))
    return folder


def statistics(patient: Patient) -> dict[str, dict[str, list[float]]]:
    """Return mean and deviation of each picture of a patient, by setting; of a segmentation, its labels'.

    Of a scan with metal also those of what the metal changes in the scored slices of the CT, and where these lie: in
    the whole picture neither would show.
    """
    found = {}
    for name, scan in patient.scans.items():
        arrays = _pictures(scan)
        if scan.with_metal:
            own = list(scan.scored)
            arrays["CT changed by metal"] = scan.inputs["CT"][own].astype(np.int32) - scan.free["CT"][own]
            arrays["slices with metal"] = np.array(own)
        found[name] = {
            picture: [round(float(array.mean()), 3), round(float(array.std()), 3)] for picture, array in arrays.items()
        }
    return found


def check_statistics(scans: Scans, patient: Patient) -> None:
    """Raise UsageError where a patient's pictures are not those that the exam was frozen with."""
    frozen = json.loads(_frozen(scans).read_text(encoding="utf-8"))
    if frozen["scans"] != scans.digest:
        raise UsageError(f"The scans {scans.id} were changed after they had been frozen: freeze them anew.")
    wanted = frozen["patients"][patient.name]
    for setting, pictures in statistics(patient).items():
        for name, (mean, deviation) in pictures.items():
            mean_then, deviation_then = wanted[setting][name]
            allowed = _TOLERANCE * deviation_then
            if abs(mean - mean_then) > allowed or abs(deviation - deviation_then) > allowed:
                raise UsageError(
                    f"The simulation gives another {name} ({setting}, {patient.name}) than the scans {scans.id} were "
                    "frozen with: freeze them anew and measure every model again."
                )


def _folder(scans: Scans) -> Path:
    folder: Path = settings.cache_folder() / "exams" / f"{scans.id}-{scans.simulation}-{scans.digest[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _path(scans: Scans, number: int) -> Path:
    return _folder(scans) / f"patient_{number:02d}.npz"


def _frozen(scans: Scans) -> Path:
    return resources.path("evaluation", f"{scans.id}.json")


def _simulated(scans: Scans, data: Path, number: int) -> Patient:
    log.info("simulating patient %d of %d", number + 1, scans.patients)
    head = scans.heads[number % len(scans.heads)]
    return simulate_patient(scans, data, number, head, {"easy": scans.easy, "hard": scans.hard})


def _pictures(scan: Scan) -> dict[str, NDArray[Any]]:
    found: dict[str, NDArray[Any]] = {f"input {name}": picture for name, picture in scan.inputs.items()}
    found |= scan.targets
    found |= {f"free {name}": picture for name, picture in scan.free.items()}
    return found | {"segmentation": scan.segmentation}


def _as_simulated(scan: Scan) -> SimulatedHead:
    """Return a scan as the lab's cache takes it."""
    mr = {name: (scan.targets[name] / 1000).astype(np.float32) for name in PICTURES if name != "CT"}
    return SimulatedHead(
        ct=scan.targets["CT"].astype(np.float32),
        t1=mr["T1"],
        t2=mr["T2"],
        flair=mr["FLAIR"],
        segmentation=scan.segmentation,
        lesions=np.zeros_like(scan.segmentation),
        spacing=scan.spacing,
        inputs={name: picture.astype(np.float32) for name, picture in scan.inputs.items()},
    )


def _write(path: Path, patient: Patient) -> None:
    """Write a patient, complete or not at all."""
    arrays: dict[str, NDArray[Any]] = {}
    said: dict[str, Any] = {"name": patient.name, "head": patient.head, "scans": {}}
    for name, scan in patient.scans.items():
        arrays |= {f"{name}/{picture}": array for picture, array in _pictures(scan).items()}
        told = []
        for place, lesion in enumerate(scan.found):
            for part in ("inside", "ring"):
                arrays[f"{name}/lesion {place}/{part}"] = np.stack(getattr(lesion.region, part)).astype(np.int16)
            told.append(
                {
                    "plan": asdict(lesion.plan),
                    "to_noise": lesion.to_noise,
                    "target": lesion.target,
                    "without": lesion.without,
                }
            )
        said["scans"][name] = {
            "spacing": scan.spacing,
            "scored": scan.scored,
            "found": told,
            "with_metal": scan.with_metal,
        }
    arrays["said"] = np.frombuffer(json.dumps(said).encode(), np.uint8)
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]  # numpy's stubs take the names for its own options
    unfinished.replace(path)


def _read(path: Path) -> Patient:
    with np.load(path) as stored:
        said = json.loads(stored["said"].tobytes())
        scans = {name: _scan(stored, name, told) for name, told in said["scans"].items()}
    return Patient(said["name"], said["head"], scans)


def _scan(stored: Mapping[str, NDArray[Any]], name: str, told: Mapping[str, Any]) -> Scan:
    there = set(stored.keys())
    found = []
    for place, lesion in enumerate(told["found"]):
        inside, ring = (
            tuple(axis.astype(np.int64) for axis in stored[f"{name}/lesion {place}/{part}"])
            for part in ("inside", "ring")
        )
        numbers = {key: lesion[key] for key in ("to_noise", "target", "without")}
        found.append(Found(Planned(**lesion["plan"]), Region(inside, ring), **numbers))
    row, column, plane = told["spacing"]
    return Scan(
        inputs={one: stored[f"{name}/input {one}"] for one in PICTURES},
        targets={one: stored[f"{name}/{one}"] for one in PICTURES},
        segmentation=stored[f"{name}/segmentation"],
        spacing=(row, column, plane),
        scored=tuple(told["scored"]),
        free={one: stored[f"{name}/free {one}"] for one in PICTURES if f"{name}/free {one}" in there},
        found=tuple(found),
        with_metal=told.get("with_metal", False),
    )
