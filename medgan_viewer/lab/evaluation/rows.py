"""Rows of an evaluation: means beside each other, and how far they would have been from here with other patients."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

__all__ = ["WHO", "columns", "interval", "row", "spread"]

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

INTERVAL_FROM = 8
"""Patients from which a bootstrap interval is given; below it, the smallest and largest value."""
_DRAWS = 2000


def row(setting: str, metric: str, unit: str, values: Mapping[str, Sequence[float]], of: str = "patients") -> Any:
    """Return a row of means over patients (or whatever `values` are `of`); `spread` is about the model's."""
    mine = values["model"]
    return {
        "setting": setting,
        "metric": metric,
        "unit": unit,
        **{who: round(float(np.mean(some)), 3) for who, some in values.items() if len(some)},
        "n": len(mine),
        "spread": spread(mine, of),
    }


def spread(values: Sequence[float], of: str = "patients") -> str:
    """Return the 95 % bootstrap interval of the mean in words, or the range where there are fewer than 8 values."""
    if len(values) >= INTERVAL_FROM:
        low, high = interval(values)
        return f"95 % interval {low:.3g} to {high:.3g}"
    return f"{of} {min(values):.3g} to {max(values):.3g}"


def interval(values: Sequence[float], seed: int = 0) -> tuple[float, float]:
    """Return the 2.5th and 97.5th percentile of the mean of values drawn with replacement (percentile bootstrap).

    Efron 1979 (doi:10.1214/aos/1176344552); the same for the same values and seed.
    """
    given = np.asarray(values, dtype=np.float64)
    chosen = np.random.default_rng(seed).integers(len(given), size=(_DRAWS, len(given)))
    low, high = np.percentile(given[chosen].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


def columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return which columns of `WHO` these rows fill, with their headings."""
    return {who: heading for who, heading in WHO.items() if any(who in one for one in rows)}
