"""Which series of an earlier or later study of the same patient is to be compared with one."""

from difflib import SequenceMatcher

from medgan_viewer.core.catalog import Catalog, Series, Study
from medgan_viewer.core.document import same_patient

__all__ = ["prior_and_current"]


def prior_and_current(catalog: Catalog, series_uid: str) -> tuple[str, str] | None:
    """Return the UIDs of the earlier and the later series: the one named, and the most similar one of another study.

    That study is surely the same patient's: the latest one before, else the earliest one after. None where there
    is no series of the same modality in it.
    """
    study = next((one for one in catalog.studies if series_uid in one.series_uids), None)
    if study is None:
        return None
    series = next(one for one in study.series if series_uid in one.uids)
    others = [one for one in catalog.studies if one is not study and same_patient(one, study)]
    before = sorted((one for one in others if one.date <= study.date), key=lambda one: one.date, reverse=True)
    after = sorted((one for one in others if one.date > study.date), key=lambda one: one.date)
    for other in (*before, *after):
        found = _most_similar(series, other)
        if found is not None:
            return (found, series_uid) if other in before else (series_uid, found)
    return None


def _most_similar(series: Series, study: Study) -> str | None:
    """Return the UID of the series of a study that is most like one: contrast, plane and description, in this order."""
    alike = [one for one in study.series if one.modality == series.modality]
    return max(alike, key=lambda one: _likeness(series, one)).uid if alike else None


def _likeness(series: Series, other: Series) -> tuple[bool, float, float]:
    words = SequenceMatcher(None, series.description.casefold(), other.description.casefold()).ratio()
    return series.contrast == other.contrast, _parallel(series, other), words


def _parallel(series: Series, other: Series) -> float:
    """Return how nearly two series lie in the same plane: 1 where they do; 0 where that is not known."""
    first, second = (one.instances[0].orientation if one.instances else None for one in (series, other))
    if first is None or second is None:
        return 0.0
    cosine = sum(a * b for a, b in zip(_normal(first), _normal(second), strict=True))
    # In steps of about 15°: a little more tilt is no reason to take another series.
    return round(abs(cosine) * 4) / 4


def _normal(orientation: tuple[float, ...]) -> tuple[float, float, float]:
    a, b, c, d, e, f = orientation
    return b * f - c * e, c * d - a * f, a * e - b * d
