"""Rows of an evaluation: means beside each other, and how far they would have been from here with other patients."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

__all__ = [
    "INSERTED",
    "WHO",
    "columns",
    "exact_interval",
    "interval",
    "ratio_interval",
    "rounded",
    "row",
    "share",
    "spread",
    "told_spread",
]

WHO: dict[str, str] = {
    "model": "model",
    "twin": "twin without adversary",
    "residual": "residual of the generator",
    "baseline": "baseline",
    "rival": "RED-CNN of the same size",
    "bilateral": "bilateral filter",
    "input": "as acquired",
    "full": "full dose",
    "real": "real pictures",
}
"""What may stand beside the model in a row, and its heading; `real`: what real pictures of other patients reach."""

INSERTED = "inserted where there is none"
"""The metric that counts lesions in pictures made of scans without any, at the places where others have them."""
INTERVAL_FROM = 8
"""Patients from which a bootstrap interval is given; below it, the smallest and largest value."""
_DRAWS = 2000


def row(setting: str, metric: str, unit: str, values: Mapping[str, Sequence[float]], of: str = "patients") -> Any:
    """Return a row of means over patients (or whatever `values` are `of`); `spread` and `interval` are the model's."""
    mine = values["model"]
    return {
        "setting": setting,
        "metric": metric,
        "unit": unit,
        **{who: round(float(np.mean(some)), 3) for who, some in values.items() if len(some)},
        "n": len(mine),
        "spread": spread(mine, of),
        "interval": [round(float(end), 4) for end in _ends(mine)],
    }


def rounded(by_patient: Mapping[str, float]) -> dict[str, float]:
    """Return each patient's number as it is stored."""
    return {name: round(float(value), 4) for name, value in by_patient.items()}


def spread(values: Sequence[float], of: str = "patients") -> str:
    """Return the 95 % bootstrap interval of the mean in words, or the range where there are fewer than 8 values."""
    low, high = _ends(values)
    return f"{'95 % interval' if len(values) >= INTERVAL_FROM else of} {low:.3g} to {high:.3g}"


def told_spread(row: Mapping[str, Any]) -> str:
    """Return a row's spread as cards tell it: of inserted lesions also in how many lesion-free inputs there was one."""
    counted = row.get("patients", {}).get("model", {}) if row["metric"] == INSERTED else {}
    if not counted:
        return str(row["spread"])
    alarmed = sum(found > 0 for found, _ in counted.values())
    return f"{row['spread'].replace(' lesions', ' places')}, in {alarmed} of {len(counted)} inputs without a lesion"


def _ends(values: Sequence[float]) -> tuple[float, float]:
    return interval(values) if len(values) >= INTERVAL_FROM else (min(values), max(values))


def interval(values: Sequence[float], seed: int = 0) -> tuple[float, float]:
    """Return the 2.5th and 97.5th percentile of the mean of values drawn with replacement (percentile bootstrap).

    Efron 1979 (doi:10.1214/aos/1176344552); the same for the same values and seed.
    """
    given = np.asarray(values, dtype=np.float64)
    chosen = np.random.default_rng(seed).integers(len(given), size=(_DRAWS, len(given)))
    low, high = np.percentile(given[chosen].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


def ratio_interval(pairs: Sequence[tuple[int, int]]) -> tuple[float, float]:
    """Return the 95 % interval of all hits over all lesions, patients drawn with their (hits, lesions); 0…1."""
    given = np.asarray(pairs, dtype=np.float64)
    chosen = np.random.default_rng(0).integers(len(given), size=(_DRAWS, len(given)))
    sums = given[chosen].sum(axis=1)
    low, high = np.percentile(sums[:, 0] / sums[:, 1], [2.5, 97.5])
    return float(low), float(high)


def exact_interval(hits: int, of: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Clopper and Pearson 1934, doi:10.1093/biomet/26.4.404)."""
    from scipy.stats import beta

    low = 0.0 if hits == 0 else float(beta.ppf(0.025, hits, of - hits + 1))
    return low, 1.0 if hits == of else float(beta.ppf(0.975, hits + 1, of - hits))


def share(pairs: Sequence[tuple[int, int]]) -> tuple[str, tuple[float, float]]:
    """Return what lies around the share of all hits in words, and its ends 0…1, of each patient's (hits, of how many).

    What belongs to one patient is alike, so patients are drawn. Where each has one thing, the exact interval holds; so
    it does, with the patient for a thing, where all or none were hit, of which drawing can say nothing. Under 8
    patients with more things each: the smallest and largest of their shares.
    """
    told = [pair for pair in pairs if pair[1]]
    if not told:
        return "95 % interval", (0.0, 1.0)
    hits, total = (sum(column) for column in zip(*told, strict=True))
    if total == len(told):
        return "95 % interval", exact_interval(hits, total)
    if len(told) < INTERVAL_FROM:
        shares = [some / of for some, of in told]
        return "patients", (min(shares), max(shares))
    if hits in (0, total):
        return "95 % interval", exact_interval(len(told) if hits else 0, len(told))
    return "95 % interval", ratio_interval(told)


def columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return which columns of `WHO` these rows fill, with their headings."""
    return {who: heading for who, heading in WHO.items() if any(who in one for one in rows)}
