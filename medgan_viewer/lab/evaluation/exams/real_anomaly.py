"""The exam of anomaly models on real patients: at the threshold that healthy people set, and without a threshold.

Nobody of these patients was trained on. Who sets thresholds is tested on nothing else.
"""

import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.anomaly.calibration import conformal_threshold, patient_level, patient_peak
from medgan_viewer.lab.anomaly.data import far_from
from medgan_viewer.lab.evaluation import rows
from medgan_viewer.lab.evaluation.exams.anomaly_maps import Modes, judged
from medgan_viewer.lab.evaluation.exams.anomaly_scores import (
    AtThreshold,
    Judged,
    Pooled,
    at_threshold,
    finding_pixels,
    level,
)
from medgan_viewer.lab.evaluation.exams.real import AnomalyTest, PatientExam
from medgan_viewer.lab.evaluation.exams.run import goals_of
from medgan_viewer.models.manifest import Package

__all__ = ["calibration", "examine", "protocol", "rows_of", "thresholds"]

RATES = (0.05, 0.1, 0.2, 0.3, 0.5)
_WHO = ("model", "residual", "baseline")
_DISEASES = {"lgg": "glioma", "ms": "multiple sclerosis"}
_GOAL = ("lgg", "FLAIR")
"""On whom the goals are set; the rest is told as it is."""
log = logging.getLogger(__name__)


@dataclass
class Healthy:
    """What those who set thresholds reach, by contrast: `levels` of each score, and of the viewer's own findings."""

    levels: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    listed: dict[str, list[float]] = field(default_factory=dict)
    peaks: dict[str, list[float]] = field(default_factory=dict)
    ill: set[str] = field(default_factory=set)
    """Contrasts whose people are patients: only slices without what was outlined are used."""

    def add(self, one: Judged, contrast: str, pixels: int) -> None:
        """Take one person, of a patient the slices that show no disease and lie beside none that does."""
        clear = far_from(one.truth)
        if not clear.any():
            return
        by_who = self.levels.setdefault(contrast, {})
        for who in one.scores:
            by_who.setdefault(who, []).append(level(one, who, pixels, clear))
        if one.heat is not None:
            voxel_ml = math.prod(one.spacing) / 1000
            self.listed.setdefault(contrast, []).append(patient_level(one.heat[clear], voxel_ml))
            self.peaks.setdefault(contrast, []).append(patient_peak(one.heat[clear], voxel_ml))
        if one.truth.any():
            self.ill.add(contrast)

    def threshold(self, contrast: str, who: str, rate: float) -> float:
        """Return the threshold of a score; ∞ where too few people allow the rate."""
        found = conformal_threshold(self.levels.get(contrast, {}).get(who, []), rate)
        return math.inf if found is None else found


def examine(exam: PatientExam, packages: Mapping[str, Package], data: Path) -> dict[str, Any]:
    """Return `rows`, `tables`, `goals`, `exam` and the manifest's `calibration` of a packaged model.

    Raises UsageError where the model is none for this exam, MissingPartError without the patients.
    """
    test, package = exam.anomaly, packages["model"]
    if test is None or package.manifest.task != "anomaly":
        raise UsageError(f"The model {package.id} makes nothing that the exam {exam.id} asks for.")
    modes, contrasts = Modes(package), package.manifest.requires.contrasts
    healthy = Healthy()
    for one in exam.of_role("calibration"):
        for contrast in _fitting(one.inputs, contrasts):
            log.info("calibrating on %s of %s", contrast, one.data)
            for person in judged(modes, one, contrast, test.inside_head_mm, data):
                healthy.add(person, contrast, finding_pixels(test, person.spacing, apart=person.apart))
    made: list[dict[str, Any]] = []
    tables = []
    for one in exam.of_role("test"):
        for contrast in _fitting(one.inputs, contrasts):
            log.info("examining %s of %s", contrast, one.data)
            people = list(judged(modes, one, contrast, test.inside_head_mm, data))
            title = f"{_DISEASES.get(one.data, one.data)}, {contrast}"
            setting = f"{title}, test" if (one.data, contrast) == _GOAL else title
            new, table = rows_of(
                setting, people, test, {who: healthy.threshold(contrast, who, test.false_alarm_rate) for who in _WHO}
            )
            made += new
            tables.append(table)
    return {
        "rows": made,
        "tables": tables,
        "calibration": calibration(healthy),
        "exam": {"id": exam.id, "sha256": exam.digest, "contrasts": list(contrasts)},
        "goals": goals_of(exam.goals, made),
        "precision": modes.precision,
    }


def _fitting(inputs: Sequence[Sequence[str]], contrasts: Sequence[str]) -> list[str]:
    return [names[0] for names in inputs if len(names) == 1 and (not contrasts or names[0] in contrasts)]


def rows_of(
    setting: str, people: Sequence[Judged], test: AnomalyTest, limits: Mapping[str, float]
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the rows of one disease in one contrast, and the table with every patient's numbers.

    `limits` are each score's threshold at the exam's false-alarm rate.
    """
    present = [who for who in _WHO if who in people[0].scores]
    pooled = {who: Pooled(people, who) for who in present}
    shares = test.false_positive_pixels
    alone = [Pooled([one], "model") for one in people if (one.truth & one.region).any()]
    few = len(people) < rows.INTERVAL_FROM
    ends = _ranges(alone, shares) if few else pooled["model"].intervals(shares)
    note = f"all pixels together; {'patients' if few else '95 % interval'}"
    names = ["AUPRC", *(f"Dice at {100 * share:g} % false-positive pixels" for share in shares)]
    made = []
    for place, name in enumerate(names):
        values = {who: one.auprc if place == 0 else one.dice_at(shares[place - 1]) for who, one in pooled.items()}
        made.append(_row(setting, name, values, len(people), ends[place], note))
    each = {who: [Pooled([one], who).auprc for one in people if (one.truth & one.region).any()] for who in present}
    made.append(rows.row(setting, "AUPRC, mean of patients", "", each))
    fared = {
        who: [at_threshold(one, who, limits[who], finding_pixels(test, one.spacing, apart=one.apart)) for one in people]
        for who in present
    }
    made += _at_rate(setting, fared, test.false_alarm_rate)
    return made, _table(setting, people, fared["model"], [Pooled([one], "model").auprc for one in people], test)


def _at_rate(setting: str, fared: Mapping[str, Sequence[AtThreshold]], rate: float) -> list[dict[str, Any]]:
    """Return the rows at the threshold that a share `rate` of healthy people reaches."""
    at = f"at {100 * rate:g} % of healthy people alarmed"
    dices = {who: [one.dice for one in some if not math.isnan(one.dice)] for who, some in fared.items()}
    made = [rows.row(setting, f"Dice {at}", "", dices)]
    lesions = {who: [(one.found, one.lesions) for one in some] for who, some in fared.items()}
    made.append(_share_row(setting, f"share of lesions found, {at}", lesions, "lesions"))
    alarms = {who: [(int(one.alarm), 1) for one in some if one.alarm is not None] for who, some in fared.items()}
    if alarms["model"]:
        rate_metric = f"false-alarm rate on slices without disease, {at}"
        made.append(_share_row(setting, rate_metric, alarms, "patients"))
    return made


def _ranges(alone: Sequence[Pooled], shares: Sequence[float]) -> list[tuple[float, float]]:
    """Return the range over patients of what `Pooled.intervals` gives."""
    values = [[one.auprc, *(one.dice_at(share) for share in shares)] for one in alone]
    return [(min(some), max(some)) for some in zip(*values, strict=True)]


def _row(
    setting: str, metric: str, values: Mapping[str, float], n: int, ends: tuple[float, float], note: str
) -> dict[str, Any]:
    return {
        "setting": setting,
        "metric": metric,
        "unit": "",
        **{who: round(value, 3) for who, value in values.items()},
        "n": n,
        "spread": f"{note} {ends[0]:.3g} to {ends[1]:.3g}",
        "interval": [round(end, 4) for end in ends],
    }


def _share_row(
    setting: str, metric: str, counted: Mapping[str, Sequence[tuple[int, int]]], what: str
) -> dict[str, Any]:
    """Return a row of all hits over all things in %; `counted`: each patient's (hits, of how many)."""
    sums = {who: (sum(hits for hits, _ in some), sum(of for _, of in some)) for who, some in counted.items()}
    words, ends = rows.share(counted["model"])
    low, high = (100 * end for end in ends)
    hits, total = sums["model"]
    return {
        "setting": setting,
        "metric": metric,
        "unit": "%",
        **{who: round(100 * some / max(of, 1), 1) for who, (some, of) in sums.items()},
        "n": total,
        "spread": f"{hits} of {total} {what}; {words} {low:.3g} to {high:.3g}",
        "interval": [round(low, 2), round(high, 2)],
    }


def _table(
    setting: str, people: Sequence[Judged], fared: Sequence[AtThreshold], areas: Sequence[float], test: AnomalyTest
) -> dict[str, Any]:
    lines = [
        [
            one.patient,
            _number(area),
            _number(at.dice),
            f"{at.found} of {at.lesions}",
            "–" if at.alarm is None else "yes" if at.alarm else "no",
        ]
        for one, at, area in zip(people, fared, areas, strict=True)
    ]
    rate = f"{100 * test.false_alarm_rate:g} %"
    head = ["patient", "AUPRC", f"Dice at {rate}", "lesions found", "false alarm on slices without disease"]
    return {"title": f"Every patient: {setting}", "head": head, "lines": lines}


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"


def thresholds(levels: Iterable[float], rates: Sequence[float] = RATES) -> list[dict[str, float]]:
    """Return the manifest's entries for every rate that so many people allow.

    Rounded upwards: the viewer lists what reaches the threshold, and the person who sets it must not be listed.
    """
    levels = list(levels)
    found = [(rate, conformal_threshold(levels, rate)) for rate in rates]
    return [
        {"false_alarm_rate": rate, "threshold": (math.floor(value * 1e4) + 1) / 1e4}
        for rate, value in found
        if value is not None
    ]


def calibration(healthy: Healthy) -> dict[str, Any]:
    """Return the manifest's calibration of the findings that the viewer lists; of patients a mere reference."""
    sure = [contrast for contrast in healthy.listed if contrast not in healthy.ill]
    counts = {contrast: len(levels) for contrast, levels in healthy.listed.items()}
    words = ["The unit is the patient; a person's level is the highest threshold at which a region of 0.1 ml is left."]
    words += [
        f"{contrast}: {_whom(contrast, counts[contrast], ill=contrast not in sure)}. Their levels: "
        f"{', '.join(f'{one:.2f}' for one in sorted(levels))}. A threshold for the false-alarm rate a is the "
        f"ceil({counts[contrast] + 1} (1 - a))-th smallest of them."
        for contrast, levels in healthy.listed.items()
    ]
    return {
        "unit": "patient",
        "score": (
            "highest threshold at which the heat map, averaged over 3 x 3 pixels, still has a region of 0.1 ml"
            " (healthy_levels); healthy_maxima: the hottest pixel of any such region above 0.1"
        ),
        "guarantee": {
            contrast: f"{_whom(contrast, counts[contrast], ill=False)}; void on other scanners"
            if contrast in sure
            else False
            for contrast in counts
        },
        "reference": {
            contrast: f"{_whom(contrast, counts[contrast], ill=True)}: no healthy people, so these rates are a"
            " reference and no guarantee"
            for contrast in counts
            if contrast not in sure
        },
        "healthy_maxima": {contrast: [round(one, 4) for one in healthy.peaks[contrast]] for contrast in sure},
        "healthy_levels": {contrast: [round(one, 4) for one in healthy.listed[contrast]] for contrast in sure},
        "thresholds": {
            contrast: [{**entry, "guarantee": contrast in sure} for entry in thresholds(levels)]
            for contrast, levels in healthy.listed.items()
        },
        "words": words,
    }


def _whom(contrast: str, count: int, *, ill: bool) -> str:
    if ill:
        return f"slices without tumour of {count} patients with glioma (TCGA-LGG), never trained on"
    return f"{count} healthy adults ({'IXI' if contrast == 'T1' else 'not stated'}), never trained on"


def protocol(exam: PatientExam, said: Mapping[str, Any]) -> str:
    """Return in words how the numbers of an exam are made; `said` is what was stored of it."""
    test = exam.anomaly
    assert test is not None
    tested = [one for one in exam.of_role("test") if _fitting(one.inputs, said["contrasts"])]
    names = " and ".join(f"{len(one.patients)} patients with {_DISEASES.get(one.data, one.data)}" for one in tested)
    missing = sorted({c for one in exam.sets for names_ in one.inputs for c in names_} - set(said["contrasts"]))
    words = [
        f"Exam {exam.id} ({exam.digest[:12]}): {names}, nobody trained or tuned on; run as the viewer does, in full "
        "precision, pixels "
        f"{test.inside_head_mm:g} mm inside the head (skull-stripped patients: in the brain). Residual: what the "
        "generator changed, median of 5 x 5. Baseline: plain intensity, median of 5 x 5, bright in FLAIR and dark in "
        "T1. AUPRC and Dice at a share of false-positive pixels know no patients: all pixels together, the interval by "
        "bootstrap over patients.",
        f"At {100 * test.false_alarm_rate:g} %: each score has the threshold at which so many of the people who "
        f"calibrate it would have a finding of {test.finding_ml:g} ml ({test.finding_cm2:g} cm² in slices that lie "
        "apart): T1 from healthy adults of IXI, FLAIR from slices without tumour of 30 other patients with glioma. "
        "Only such findings count: for Dice, for a lesion (found where a finding touches it) and for a false alarm. "
        "Lesions of one patient are alike: the interval of their share draws patients, and is the exact one of a "
        f"binomial where each patient has one; under {rows.INTERVAL_FROM} patients the range over them is given.",
    ]
    if missing:
        words.append(f"The exam also has {', '.join(missing)}, which this model does not take.")
    return " ".join(words)
