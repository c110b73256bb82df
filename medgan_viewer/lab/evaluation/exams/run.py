"""Takes an exam: a packaged model, its twin without an adversary and the look-up table, patient by patient.

What comes out is plain data: everything that stands on a card, with each patient's number behind every mean.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from medgan_viewer.lab.evaluation import rows
from medgan_viewer.lab.evaluation.exams import scores
from medgan_viewer.lab.evaluation.exams.candidates import Candidate, Made, Packaged, bounds_of, check_fit, look_up_table
from medgan_viewer.lab.evaluation.exams.definition import Exam, Goal, Scans
from medgan_viewer.lab.evaluation.exams.failures import Failure, Failures
from medgan_viewer.lab.evaluation.exams.scans import Patient, Scan
from medgan_viewer.lab.evaluation.exams.store import baseline_folder, patients
from medgan_viewer.models.manifest import Package

__all__ = ["Sitting", "count_lesion", "examine", "goals_of", "lesion_rows", "protocol", "score_rows"]

_LARGE_MM = 8.0
log = logging.getLogger(__name__)


@dataclass
class Sitting:
    """What was measured so far, by (setting, metric, unit), then who, then patient; and the lesions' outcomes.

    `lesions`: (setting, metric) → who → patient → (hits, lesions).
    """

    values: dict[tuple[str, str, str], dict[str, dict[str, float]]] = field(default_factory=dict)
    lesions: dict[tuple[str, str], dict[str, dict[str, tuple[int, int]]]] = field(default_factory=dict)
    level: float | None = None
    """The share of the truth that the model's interval shall hold, where it gives one."""
    sober: bool = False
    """Whether the twin is the model itself without its adversary's say, whose interval it then is."""

    def add(self, setting: str, found: scores.Scores, who: str, patient: str) -> None:
        """Keep the scores of one patient."""
        for (metric, unit), value in found.items():
            self.values.setdefault((setting, metric, unit), {}).setdefault(who, {})[patient] = value

    def count(self, setting: str, metric: str, who: str, patient: str, hit: bool) -> None:
        """Count one lesion."""
        by_patient = self.lesions.setdefault((setting, metric), {}).setdefault(who, {})
        hits, all_of_them = by_patient.get(patient, (0, 0))
        by_patient[patient] = hits + hit, all_of_them + 1


def examine(exam: Exam, packages: Mapping[str, Package], data: Path) -> tuple[dict[str, Any], list[Failure]]:
    """Return what evaluation.json holds of an exam, and the worst cases with pictures.

    `packages` holds "model" and, where there is one, "twin". Raises UsageError where the model is none for this exam
    or the scans are not what was frozen, MissingPartError without the head maps.
    """
    targets = check_fit(exam, packages["model"])
    packaged = {who: Packaged(package) for who, package in packages.items()}
    model = packaged["model"]
    sober = model.sober
    if sober is not None:
        packaged["twin"] = sober
    table = look_up_table(exam, targets, baseline_folder(exam.scans, data))
    candidates: dict[str, Candidate] = {**packaged, "baseline": table}
    sitting, worst = Sitting(level=model.level, sober=sober is not None), Failures(targets)
    for patient in patients(exam.scans, data):
        log.info("examining %s", patient.name)
        for names in exam.inputs:
            _sit(exam, exam.targets_of(names, targets), patient, names, candidates, sitting, worst)
    made = score_rows(sitting) + lesion_rows(sitting)
    return {
        "protocol": protocol(exam, targets, sober=sober is not None),
        "rows": made,
        "exam": {"id": exam.id, "sha256": exam.digest, "simulation": exam.scans.simulation, "targets": list(targets)}
        | ({"sober": True} if sober is not None else {}),
        "goals": goals_of(exam.goals, made),
        "precision": model.precision,
    }, worst.chosen()


def _sit(
    exam: Exam,
    targets: Sequence[str],
    patient: Patient,
    names: Sequence[str],
    candidates: Mapping[str, Candidate],
    sitting: Sitting,
    worst: Failures,
) -> None:
    """Let everybody make what they can of one patient's series `names`."""
    source = " + ".join(names)
    for name, scan in patient.scans.items():
        setting = f"{name} with metal" if scan.with_metal else name
        asked = list(scan.scored)
        kept = _Kept(scan, asked)
        touched = sorted({int(k) for found in scan.found for k in (*found.region.inside[0], *found.region.ring[0])})
        for who, candidate in candidates.items():
            made = candidate(scan.inputs, names, scan.spacing, asked)
            left_out = candidate(scan.free, names, scan.spacing, asked) if scan.with_metal else {}
            for target in targets:
                title = _title(source, target, setting)
                sitting.add(title, kept.score(made[target], target, exam), who, patient.name)
                if scan.with_metal:
                    without = _title(source, target, f"{name}, that metal left out")
                    sitting.add(without, kept.score(left_out[target], target, exam), who, patient.name)
                if sitting.level is not None and who == ("twin" if sitting.sober else "model"):
                    sitting.add(title, kept.coverage(made, target, sitting.level), "model", patient.name)
            if who == "model" and setting == "hard":
                worst.look(patient.name, scan, names, asked, made)
            if not touched or exam.task != "synthesis":
                continue
            free = candidate(scan.free, names, scan.spacing, touched)
            for target in targets:
                title = _title(source, target, setting)
                outcomes = kept.outcomes(names, target, made[target], free[target], touched, exam.scans)
                for outcome in outcomes:
                    count_lesion(sitting, title, who, patient.name, outcome)
                    if who == "model":
                        worst.missed(patient.name, scan, names, asked, made[target], target, outcome)


@dataclass(frozen=True)
class _Kept:
    """The truth of one scan's scored slices."""

    scan: Scan
    asked: Sequence[int]

    def score(self, made: NDArray[Any], target: str, exam: Exam) -> scores.Scores:
        chosen = list(self.asked)
        if target == "segmentation":
            return scores.segment_scores(made, self.scan.segmentation[chosen], exam)
        return scores.picture_scores(made, self.scan.targets[target][chosen], self.scan.segmentation[chosen], target)

    def coverage(self, made: Made, target: str, level: float) -> scores.Scores:
        low, high = (made.get(name) for name in bounds_of(target))
        if low is None or high is None:
            return {}
        chosen = list(self.asked)
        return scores.coverage(low, high, self.scan.targets[target][chosen], self.scan.segmentation[chosen], level)

    def outcomes(
        self,
        names: Sequence[str],
        target: str,
        made: NDArray[Any],
        free: NDArray[Any],
        touched: Sequence[int],
        scans: Scans,
    ) -> list[scores.Outcome]:
        """Return what became of each lesion that counts."""
        place = {k: number for number, k in enumerate(self.asked)}
        there = made[[place[k] for k in touched]]
        places = {k: number for number, k in enumerate(touched)}
        return [
            scores.lesion_outcome(found, target, there, free, places, scans.lesions)
            for found in self.scan.found
            if scores.counts(found, names, target, scans.lesions)
        ]


def _title(source: str, target: str, setting: str) -> str:
    return f"{source} at higher field, {setting}" if target == source else f"{source} → {target}, {setting}"


def count_lesion(sitting: Sitting, title: str, who: str, patient: str, outcome: scores.Outcome) -> None:
    """Count a lesion of a patient in the groups that it belongs to."""
    plan = outcome.found.plan
    if plan.name:
        sitting.count(title, f"reproduced: {plan.name}", who, patient, outcome.reproduced)
        return
    size = f"lesions from {_LARGE_MM:g} mm" if plan.diameter_mm >= _LARGE_MM else f"lesions under {_LARGE_MM:g} mm"
    for group in ("lesions of all sizes", size):
        sitting.count(title, f"reproduced: {group}", who, patient, outcome.reproduced)
    sitting.count(title, rows.INSERTED, who, patient, outcome.inserted)


def score_rows(sitting: Sitting) -> list[dict[str, Any]]:
    """Return a row for each setting and metric: means over patients, with each patient's number."""
    made = []
    for (setting, metric, unit), by_who in sitting.values.items():
        lists = {who: list(by_patient.values()) for who, by_patient in by_who.items()}
        entry = rows.row(setting, metric, unit, lists)
        entry["patients"] = {who: rows.rounded(by_patient) for who, by_patient in by_who.items()}
        made.append(entry)
    return made


def lesion_rows(sitting: Sitting) -> list[dict[str, Any]]:
    """Return a row for each setting and group of lesions: shares in %, and what `rows.share` says around them."""
    made = []
    for (setting, metric), by_who in sorted(sitting.lesions.items()):
        mine = by_who["model"]
        hits, total = (sum(column) for column in zip(*mine.values(), strict=True))
        shares = {
            who: round(100 * sum(h for h, _ in one.values()) / sum(n for _, n in one.values()), 1)
            for who, one in by_who.items()
        }
        around, ends = rows.share(list(mine.values()))
        low, high = (100 * end for end in ends)
        things = "lesions" if metric.startswith("reproduced") else "places"
        made.append(
            {
                "setting": setting,
                "metric": metric,
                "unit": "%",
                **shares,
                "n": total,
                "spread": f"{around} {low:.3g} to {high:.3g}; {hits} of {total} {things}",
                "interval": [round(low, 2), round(high, 2)],
                "patients": {who: {name: list(pair) for name, pair in one.items()} for who, one in by_who.items()},
            }
        )
    return made


def goals_of(goals: Sequence[Goal], made: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return each goal beside every row that it is about."""
    found = []
    for goal in goals:
        about = [row for row in made if row["metric"] == goal.metric and row["setting"].endswith(f", {goal.setting}")]
        limit = {"at_least": goal.at_least} if goal.at_least is not None else {"at_most": goal.at_most}
        reached = [{"setting": row["setting"], "model": row["model"], "met": goal.met(row["model"])} for row in about]
        found.append({"metric": goal.metric, "setting": goal.setting, **limit, "reached": reached})
    return found


def protocol(exam: Exam, targets: Sequence[str], *, sober: bool = False) -> str:
    """Return in words how the numbers of an exam are made; `sober`: whether the twin is the model without adversary."""
    scans, test = exam.scans, exam.scans.lesions
    if scans.metal_pieces:
        return (
            f"Exam {exam.id} ({exam.digest[:12]}): the same patients in the same places, without lesions, with one to "
            f"{scans.metal_pieces} pieces of metal in or near the head, of the same simulation as in the training. "
            "Scored are the slices with metal alone, in the head but for the metal's own pixels, and beside them the "
            "same slices with the metal left out of the CT: what lies between both is what the metal does. Neither can "
            "be compared with whole scans. Baseline: a look-up table fitted on such scans, mostly on their slices "
            "without metal."
        )
    words = [
        f"Exam {exam.id} ({exam.digest[:12]}), fixed in resources/evaluation before any model was measured on it: "
        f"{scans.patients} patients simulated from the {len(scans.heads)} heads {scans.heads[0]}–{scans.heads[-1]}, "
        "which nothing was trained, tuned or calibrated on; they count as patients, but only "
        f"{len(scans.heads)} real anatomies are behind them. Easy: slices of {scans.easy.slice_mm:g} mm, straight, "
        f"little noise, no lesion. Hard: {scans.hard.slice_mm:g} mm, pitch {scans.hard.pitch_degrees[0]:g}–"
        f"{scans.hard.pitch_degrees[1]:g}°, noise of {scans.hard.ct_noise_hu:g} HU or {100 * scans.hard.mr_noise:g} % "
        "of the brightest signal, shading or beam hardening, head rest, lesions. Weights as packaged, run as the "
        "viewer does, in full precision. Means over patients; 95 % interval by bootstrap over patients.",
    ]
    if exam.task == "segmentation":
        words.append(
            "Dice of each segment over a scan's slices; main segments: "
            f"{', '.join(name.lower() for name in exam.main_segments)}. Baseline: the most frequent segment of each "
            "intensity."
        )
        return " ".join(words)
    words.append(
        "Targets without noise, at one protocol; range of PSNR and SSIM: the target's 99.5th percentile in the head "
        "(CT: above air). Baseline: the best look-up table from one pixel's intensity, fitted on training heads "
        f"scanned the same. Lesions: {test.count} of {test.diameter_mm[0]:g}–{test.diameter_mm[1]:g} mm "
        f"({', '.join(test.kinds)}) and "
        f"{' and '.join(f'{named.count} of the kind “{named.name}”' for named in test.named)}. One counts where its "
        f"contrast in the input is at least {test.contrast_to_noise:g} times the noise (the named ones however faint), "
        f"where the target shows it (at least {test.least_contrast_ct:g} HU or {test.least_contrast_mr:g}), and where "
        f"the healthy target would not pass for it. Reproduced: its contrast against a ring of {test.ring_mm:g} mm has "
        f"the target's sign and at least {100 * test.least_share:g} % of its size. Inserted: made of the same scan "
        "without lesions, the same place differs from the healthy target as if at least half of the lesion were there."
    )
    if exam.own_contrast:
        words.append(
            "Before the look-up table the input's noise is taken off by non-local means (5² patch, 13² window)."
        )
    if scans.fields is not None:
        low, high = scans.fields.low, scans.fields.high
        words.append(
            f"Inputs are of a scanner between {low[0]:g} and {low[1]:g} T, easy ones with noise of "
            f"{100 * scans.easy.mr_noise:g} %; targets are simulated as of {high:g} T, from relaxation times in the "
            f"literature: no scan of {high:g} T was seen."
        )
    if any(len(names) > 1 for names in exam.inputs):
        words.append("Of several inputs the look-up table knows the intensity in each.")
    missing = [target for target in exam.targets if target not in targets]
    if missing:
        words.append(f"The exam also asks for {', '.join(missing)}, which this model does not make.")
    if sober:
        words.append("Twin: the same weights, told to be sober (sharpness 0); the interval is that run's.")
    return " ".join(words)
