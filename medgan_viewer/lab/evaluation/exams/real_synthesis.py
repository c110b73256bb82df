"""Pictures made of real patients' series beside the real ones: the model, its sober twin and a look-up table.

An MR has no unit, and the protocol that a model was taught is not the hospital's. So each synthetic picture is first
multiplied by the one number that brings it nearest to the patient's own (least squares in the head); what is then
left is contrast and structure.

Where the patients were trained on, each is scored with weights that were trained without him (`left_out`).
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medgan_viewer import resources
from medgan_viewer.errors import UsageError
from medgan_viewer.lab.evaluation import baseline, metrics, rows
from medgan_viewer.lab.evaluation.exams.candidates import Made, Packaged, bounds_of, cached, targets_of
from medgan_viewer.lab.evaluation.exams.left_out import EACH, LEFT_OUT, WITHOUT
from medgan_viewer.lab.evaluation.exams.real import PatientExam, PatientSet
from medgan_viewer.lab.evaluation.exams.real_patients import RealScan, listed, person, read_scan, training_scans
from medgan_viewer.lab.evaluation.exams.run import Sitting, goals_of, score_rows
from medgan_viewer.models.encoding import mr_foreground, mr_reference
from medgan_viewer.models.manifest import Package, read_package

__all__ = ["FOUND_BY", "examine", "protocol", "scored", "segmenter"]

_MOST_SLICES = 24
"""Slices of an examination that are scored, spread evenly."""
_LEAST_HEAD = 0.25
"""A slice counts where it shows at least this share of the head's largest slice."""
_RING = 4
"""Pixels around what was outlined that its contrast is taken against."""
_DISEASE = {"lesions": "lesions", "mask": "tumour"}
FOUND_BY = "Dice of what"
"""Begins the metric of what a segmenter finds in a synthetic picture."""
log = logging.getLogger(__name__)
Float = NDArray[np.float32]


def examine(exam: PatientExam, packages: Mapping[str, Package], data: Path) -> dict[str, Any]:
    """Return `rows`, `exam` and `goals` of an exam on real patients; `packages` as for exams on simulated heads.

    Beside these it may hold, under names that begin with `WITHOUT`, weights that one patient each was left out of, who
    is then scored with them in the model's place. Raises UsageError where the model is none for this exam,
    MissingPartError without the patients.
    """
    targets = tuple(target for target in exam.targets if target in targets_of(packages["model"]))
    requires = packages["model"].manifest.requires
    if not targets or not all(requires.takes(len(names)) for one in exam.sets for names in one.inputs):
        raise UsageError(f"The model {packages['model'].id} makes nothing that the exam {exam.id} asks for.")
    left_out = {who.removeprefix(WITHOUT): one for who, one in packages.items() if who.startswith(WITHOUT)}
    packaged = {who: Packaged(package) for who, package in packages.items() if not who.startswith(WITHOUT)}
    instead = {who: Packaged(package) for who, package in left_out.items()}
    model = packaged["model"]
    sober = model.sober
    if sober is not None:
        packaged["twin"] = sober
    sitting = Sitting(level=model.level, sober=sober is not None)
    finder = segmenter(exam.segmenter)
    for one in exam.sets:
        for names in one.inputs:
            _sit(one, names, targets, packaged, instead, sitting, finder, data)
    made = score_rows(sitting)
    for row in made:
        if row["n"] < rows.INTERVAL_FROM:
            everyone = row["patients"]["model"].items()
            row["spread"] = "; ".join(f"{name} {value:.3g}" for name, value in everyone)
    return {
        "rows": made,
        "tables": [
            table for title in dict.fromkeys(row["setting"] for row in made) for table in _everyone(title, made)
        ],
        "exam": {"id": exam.id, "sha256": exam.digest, "targets": list(targets)}
        | ({"sober": True} if sober is not None else {})
        | ({LEFT_OUT: {who: one.manifest.weights_sha256 for who, one in left_out.items()}} if left_out else {})
        | ({} if finder is None else {"segmenter": exam.segmenter, "segmenter_sha256": finder.sha256}),
        "goals": goals_of(exam.goals, made),
        "precision": model.precision,
    }


def _everyone(title: str, made: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a table of every patient's numbers of one setting, where their rows do not tell them all."""
    rows_ = [row for row in made if row["setting"] == title and row["n"] >= rows.INTERVAL_FROM]
    if not rows_:
        return []
    columns = [(row, who) for row in rows_ for who in ("model", "real") if who in row["patients"]]
    names = [f"{row['metric']}{', real picture' if who == 'real' else ''}" for row, who in columns]
    patients = list(dict.fromkeys(name for row, who in columns for name in row["patients"][who]))
    lines = []
    for patient in patients:
        values = [row["patients"][who].get(patient) for row, who in columns]
        lines.append([patient, *("–" if value is None else f"{value:.3g}" for value in values)])
    return [{"title": f"Every patient: {title}", "head": ["patient", *names], "lines": lines}]


def _sit(
    one: PatientSet,
    names: Sequence[str],
    targets: Sequence[str],
    packaged: Mapping[str, Packaged],
    instead: Mapping[str, Packaged],
    sitting: Sitting,
    finder: "_Finder | None",
    data: Path,
) -> None:
    """Let everybody make what they can of the series `names` of one set of patients."""
    wanted = list(dict.fromkeys([*names, *targets]))
    table = _Table(names, targets, {person(one.data, name) for name in one.patients})
    for scan in training_scans(data, one.data, one.patients, wanted):
        table.learn(scan)
    found: dict[tuple[str, str, str, str, str], list[float]] = {}
    for name in one.patients:
        log.info("examining a patient of %s", one.data)
        scan = read_scan(data, one.data, name, wanted)
        head = mr_foreground(scan.pictures[names[0]], scan.spacing)
        asked = scored(head)
        sitters = _sitters(packaged, instead.get(listed(one.data, name)))
        made = {who: each(scan.pictures, names, scan.spacing, asked) for who, each in sitters.items()}
        if table.knows_others(scan):
            made["baseline"] = table(scan, asked)
        for target in targets:
            truth = scan.pictures[target][asked].astype(np.float32)
            truth /= float(np.percentile(truth[head[asked]], 99.5)) or 1.0
            inside = _Inside(truth, head[asked], None if scan.mask is None else scan.mask[asked])
            title = f"{' + '.join(names)} → {target}, real patients ({one.data}{f', {EACH}' if instead else ''})"
            for who, pictures in made.items():
                level = sitting.level if who == ("twin" if sitting.sober else "model") else None
                for (metric, unit), value in inside.scores(pictures, target, one.truth).items():
                    found.setdefault((title, metric, unit, who, scan.patient), []).append(value)
                for (metric, unit), value in inside.coverage(pictures, target, level).items():
                    found.setdefault((title, metric, unit, "model", scan.patient), []).append(value)
            if finder is not None and finder.contrast == target and inside.mask is not None and inside.mask.any():
                shown = {who: inside.alike(pictures[target]) for who, pictures in made.items()} | {"real": inside.truth}
                for who, picture in shown.items():
                    key = (title, f"{FOUND_BY} {finder.name} finds in it", "", who, scan.patient)
                    found.setdefault(key, []).append(finder.dice(picture, scan.spacing, inside.mask))
    for (title, metric, unit, who, patient), values in found.items():
        sitting.add(title, {(metric, unit): float(np.mean(values))}, who, patient)


def _sitters(packaged: Mapping[str, Packaged], instead: Packaged | None) -> dict[str, Packaged]:
    """Return who makes pictures of a patient: where he was trained on, what was trained without him, and its twin."""
    sober = None if instead is None else instead.sober
    return {**packaged, **({} if instead is None else {"model": instead}), **({} if sober is None else {"twin": sober})}


def scored(head: NDArray[np.bool_]) -> list[int]:
    """Return which slices count: at most 24, spread evenly over those that show enough of the head."""
    areas = head.sum(axis=(1, 2))
    enough = np.flatnonzero(areas >= _LEAST_HEAD * max(int(areas.max()), 1))
    places = np.linspace(0, len(enough) - 1, min(_MOST_SLICES, len(enough)))
    return [int(enough[round(place)]) for place in places]


class _Finder:
    """A packaged model that segments what was outlined, in pictures of one contrast."""

    def __init__(self, package: Package) -> None:
        self.name, self.sha256 = package.manifest.name, package.manifest.weights_sha256
        self.contrast = (package.manifest.requires.contrasts or ("",))[0]
        self._packaged = Packaged(package)

    def dice(self, picture: Float, spacing: tuple[float, float, float], mask: NDArray[np.bool_]) -> float:
        """Return the Dice of what it finds in a picture of about 0 to 1 and of what was outlined."""
        series = np.round(1000 * np.clip(picture, 0, 30)).astype(np.int16)
        made = self._packaged({self.contrast: series}, [self.contrast], spacing, range(len(series)))
        return metrics.dice(made["segmentation"] > 0, mask)


def segmenter(name: str) -> _Finder | None:
    """Return the installed model of a name that segments one series; None where there is none."""
    folder = resources.path("models", name)
    if not name or not folder.is_dir():
        return None
    package = read_package(folder)
    fits = package.manifest.task == "segmentation" and not package.manifest.requires.several
    return _Finder(package) if fits else None


class _Table:
    """The mean of each target for the intensities of the inputs, over all patients but the one who is asked for."""

    def __init__(self, names: Sequence[str], targets: Sequence[str], tested: set[str]) -> None:
        self._names, self._targets, self._tested = tuple(names), tuple(targets), tested
        self._sums: dict[str, NDArray[np.float64]] = {}

    def learn(self, scan: RealScan) -> None:
        """Take one examination into the sums: of who is tested apart, of all others together."""
        whose = scan.patient if scan.patient in self._tested else ""
        asked = list(range(0, len(scan.pictures[self._names[0]]), 3))
        index = self._index(scan, asked).ravel()
        size = baseline.size(len(self._names))
        counted = [np.bincount(index, minlength=size).astype(np.float64)]
        for target in self._targets:
            picture = scan.pictures[target]
            values = picture[asked].ravel() / mr_reference(picture, scan.spacing)
            counted.append(np.bincount(index, weights=values, minlength=size).astype(np.float64))
        self._sums[whose] = self._sums.get(whose, np.zeros((1 + len(self._targets), size))) + np.stack(counted)

    def knows_others(self, scan: RealScan) -> bool:
        """Return whether anybody but this patient was taken in."""
        return any(patient != scan.patient for patient in self._sums)

    def __call__(self, scan: RealScan, asked: Sequence[int]) -> Made:
        """Return what the table says of some slices of an examination, learned from everybody else."""
        others = [table for patient, table in self._sums.items() if patient != scan.patient]
        counts, sums = np.split(np.sum(others, axis=0), [1])
        means = baseline.filled(sums / np.maximum(counts, 1), counts[0] > 0, len(self._names))
        index = self._index(scan, asked)
        return {target: row[index] for target, row in zip(self._targets, means, strict=True)}

    def _index(self, scan: RealScan, asked: Sequence[int]) -> NDArray[np.int64]:
        return baseline.places(
            [cached(scan.pictures[name], name, scan.spacing, asked) for name in self._names], self._names
        )


@dataclass(frozen=True)
class _Inside:
    """One real picture over its peak, the head in it, and where disease was outlined; `[slice, row, column]`."""

    truth: Float
    head: NDArray[np.bool_]
    mask: NDArray[np.bool_] | None

    def scores(self, made: Made, target: str, kind: str) -> dict[tuple[str, str], float]:
        """Return how far a synthetic picture is from the real one, and how much of the disease's contrast it shows."""
        picture = self.alike(made[target])
        found = {
            ("PSNR in head", "dB"): metrics.psnr(picture, self.truth, self.head, 1.0),
            ("SSIM in head", ""): metrics.ssim(picture, self.truth, self.head, 1.0),
            ("MAE in head", "% of the peak"): 100 * metrics.mean_absolute_error(picture, self.truth, self.head),
        }
        wanted, got = self._contrast(self.truth), self._contrast(picture)
        if wanted:
            found[f"contrast of {_DISEASE.get(kind, kind)} that is kept", "%"] = 100 * got / wanted
        return found

    def coverage(self, made: Made, target: str, level: float | None) -> dict[tuple[str, str], float]:
        """Return the share of the head's pixels whose truth lies in the interval, multiplied as the picture is."""
        low, high = (made.get(name) for name in bounds_of(target))
        if level is None or low is None or high is None:
            return {}
        factor = self._factor(made[target])
        inside = ((self.truth >= low * factor) & (self.truth <= high * factor))[self.head]
        return {(f"truth inside the {100 * level:g} % interval", "%"): 100 * float(inside.mean())}

    def alike(self, made: NDArray[Any]) -> Float:
        """Return a synthetic picture in the real one's unit."""
        picture: Float = made.astype(np.float32) * self._factor(made)
        return picture

    def _factor(self, made: NDArray[Any]) -> np.float32:
        inside = made[self.head].astype(np.float64)
        return np.float32((inside * self.truth[self.head]).sum() / max(float((inside**2).sum()), 1e-9))

    def _contrast(self, picture: Float) -> float:
        """Return the mean where disease was outlined minus that of a ring around it in plane; 0 where there is none."""
        from scipy import ndimage

        if self.mask is None or not self.mask.any():
            return 0.0
        disc = ndimage.generate_binary_structure(2, 1)[None]
        ring = ndimage.binary_dilation(self.mask, disc, iterations=_RING) & ~self.mask & self.head
        return float(picture[self.mask].mean() - picture[ring].mean()) if ring.any() else 0.0


def protocol(exam: PatientExam, said: Mapping[str, Any]) -> str:
    """Return in words how the numbers of an exam are made; `said` is what was stored of it."""
    count = sum(len({person(one.data, name) for name in one.patients}) for one in exam.sets)
    few = count < rows.INTERVAL_FROM
    ms = any(one.data == "ms" for one in exam.sets)
    left_out = len(said.get(LEFT_OUT, ()))
    words = [
        f"Exam {exam.id} ({exam.digest[:12]}): {count} real patients "
        + (
            f"who are trained on: each was scored with weights trained the same way without him ({left_out} trainings, "
            "whose weights are not in the package, so these numbers cannot be measured again from it), at most "
            if left_out
            else "whom nothing was trained or tuned on, at most "
        )
        + f"{_MOST_SLICES} slices of each, scored in the head and averaged over patients; "
        + ("they are too few for an interval." if few else "95 % interval by bootstrap over patients."),
        "MR has no unit: each picture is multiplied by the one number that brings it nearest to the real one; range of "
        "PSNR and SSIM: the real picture's 99.5th percentile in the head. Baseline: the best look-up table from "
        + ("the intensities of all inputs" if any(len(n) > 1 for one in exam.sets for n in one.inputs) else "intensity")
        + (", fitted on the other patients." if ms else ", fitted on the training patients."),
        f"Contrast kept: of what was outlined against {_RING} pixels around it, in % of the real picture's.",
    ]
    if said.get("segmenter"):
        words.append(
            f"The model {said['segmenter']} ({said['segmenter_sha256'][:12]}) looks for what was outlined in synthetic "
            "and real pictures alike, as it is."
        )
    elif any(one.truth == "lesions" for one in exam.sets):
        words.append(
            "No segmenter looks for the lesions: the one that ships, lgg-tumour, hardly finds any of these in real "
            "pictures either (its card)."
        )
    if said.get("sober"):
        words.append("Twin: the same weights, told to be sober; the interval is that run's, multiplied likewise.")
    return " ".join(words)
