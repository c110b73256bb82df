"""Prior beside current: the same patient's, the nearest in time, the most similar series."""

from dataclasses import replace

import pytest

from medgan_viewer.core.catalog import Catalog, Instance, Patient, Series, Study
from medgan_viewer.core.priors import prior_and_current

ADA = Patient("Phantom^Ada", "P-1")
_AXIAL, _SAGITTAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0), (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)


def _series(uid: str, contrast: str | None, words: str = "", orientation: tuple[float, ...] = _AXIAL) -> Series:
    a, b, c, d, e, f = orientation
    instance = Instance(None, uid, "1", 1, 8, 8, (0.0, 0.0, 0.0), (a, b, c, d, e, f), (1.0, 1.0), 1.0)  # type: ignore
    return Series(uid, uid[:1], 1, "MR", words, "HEAD", None, (instance,), contrast=contrast)


def _study(uid: str, date: str, *series: Series, patient: Patient = ADA) -> Study:
    return Study(uid, patient, date, "", "", "", series)


def _catalog(*studies: Study) -> Catalog:
    return Catalog(studies)


def test_the_latest_study_before_comes_first_and_the_earlier_one_stands_left() -> None:
    old, older = _study("a", "20200101", _series("a1", "T1")), _study("b", "20190101", _series("b1", "T1"))
    now, later = _study("c", "20210101", _series("c1", "T1")), _study("d", "20220101", _series("d1", "T1"))
    catalog = _catalog(later, now, older, old)
    assert prior_and_current(catalog, "c1") == ("a1", "c1")
    assert prior_and_current(catalog, "b1") == ("b1", "a1")
    assert prior_and_current(_catalog(now, later), "c1") == ("c1", "d1")


def test_contrast_counts_before_plane_and_plane_before_words() -> None:
    now = _study("c", "20210101", _series("c1", "T2", "t2 tse axial"))
    found = {
        "contrast": (_series("a1", "T1", "t2 tse axial"), _series("a2", "T2", "other", _SAGITTAL)),
        "plane": (_series("a1", "T2", "t2 tse axial", _SAGITTAL), _series("a2", "T2", "other")),
        "words": (_series("a1", "T2", "survey"), _series("a2", "T2", "t2 tse axial 2")),
    }
    for series in found.values():
        assert prior_and_current(_catalog(_study("a", "20200101", *series), now), "c1") == ("a2", "c1")


@pytest.mark.parametrize("patient", [Patient("Else^Eva", "P-2"), Patient("Phantom^Ada", "P-2"), Patient()])
def test_another_patients_study_is_never_compared(patient: Patient) -> None:
    other = _study("a", "20200101", _series("a1", "T1"), patient=patient)
    assert prior_and_current(_catalog(other, _study("c", "20210101", _series("c1", "T1"))), "c1") is None


def test_without_a_series_of_the_modality_an_earlier_study_is_looked_at() -> None:
    ct = replace(_series("b1", None), modality="CT")
    studies = (_study("a", "20190101", _series("a1", "T1")), _study("b", "20200101", ct))
    catalog = _catalog(*studies, _study("c", "20210101", _series("c1", "T1")))
    assert prior_and_current(catalog, "c1") == ("a1", "c1")
    assert prior_and_current(catalog, "none") is None
    assert prior_and_current(catalog, "b1") is None
